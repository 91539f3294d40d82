"""Runs a notebook by nbclient, as `jupyter nbconvert --execute` does, and writes it with outputs.

    notebook.py FROM TO

What changes from run to run is left out, so that equal programs give equal bytes. `JUPYTER_PATH`
says where the kernel is installed.
"""

import sys

import nbclient
import nbformat


def main(given, made):
    notebook = nbformat.read(given, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.outputs, cell.execution_count = [], None
    # A cell that is to fail says so by its tag.
    how = {"kernel_name": "eclexia", "timeout": 60, "record_timing": False}
    nbclient.NotebookClient(notebook, **how).execute()
    language = notebook.metadata["language_info"]
    del language["version"]
    notebook.metadata = {
        "kernelspec": {"display_name": "Eclexia", "language": "eclexia", "name": "eclexia"},
        "language_info": language,
    }
    nbformat.validate(notebook)
    nbformat.write(notebook, made)


if __name__ == "__main__":
    main(*sys.argv[1:])
