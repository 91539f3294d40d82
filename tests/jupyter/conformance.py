"""The suite by which Jupyter's own people check kernels (jupyter_kernel_test), on ours.

`JUPYTER_PATH` says where the kernel is installed, `SHOP` names a program with a deployment.
"""

import os
import unittest

import jupyter_kernel_test

LONGEST = 30


class Conformance(jupyter_kernel_test.KernelTests):
    kernel_name = "eclexia"
    language_name = "eclexia"
    file_extension = ".ecl"

    code_hello_world = '(print "hello, world")'
    # An arm that is never reached is a warning, and no error.
    code_stderr = "(match 1 [_ 1] [0 2])"
    completion_samples = [
        {"text": "(list/take-w", "matches": {"list/take-while"}},
        {"text": ":what", "matches": {":what-if"}},
        {"text": "(no-such-name", "matches": set()},
    ]
    complete_code_samples = ["(+ 1 2)", "", "(def x\n 1)", ":plan", "; only a comment"]
    incomplete_code_samples = ["(+ 1", '"a', "(def x [1 {2 3}]"]
    invalid_code_samples = ["(+ 1]", ")"]
    code_generate_error = "(quot 1 0)"
    code_execute_result = [
        {"code": "(+ 1 2)", "result": "3 : Int"},
        {"code": "[6 7]", "result": "[6 7] : (Vector Int)"},
        {"code": '(str "é" "𝒳")', "result": '"é𝒳" : String'},
    ]
    code_display_data = [
        {"code": f":load {os.environ['SHOP']}\n:plan", "mime": "text/html"},
        {"code": ":graph", "mime": "image/svg+xml"},
        {"code": ":prices", "mime": "text/html"},
        {"code": ":what-if web.replicas in 2..4", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "?6*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "inc"

    def execute_helper(self, *arguments, **how):
        """As the suite has it, but for its patience: a tenth of a second between messages, which a
        machine that is busy elsewhere does not keep to."""
        channel = self.kc.iopub_channel
        get = jupyter_kernel_test.ensure_sync(channel.get_msg)
        channel.get_msg = lambda timeout: get(timeout=LONGEST)
        try:
            return super().execute_helper(*arguments, **how)
        finally:
            del channel.get_msg


if __name__ == "__main__":
    unittest.main()
