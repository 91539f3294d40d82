#!/usr/bin/env python3
"""Writes ../cloud/{aws,azure,gcp}.ecl from the tables of this folder.

    python3 stdlib/catalog/generate.py            writes the modules
    python3 stdlib/catalog/generate.py --check    says which modules differ, and fails if one does

Deterministic: rows keep the order of the tables, all arithmetic is decimal. README.md gives the
sources.
"""
import csv
import pathlib
import sys
from decimal import ROUND_HALF_EVEN, Decimal as D

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent / "cloud"

# A provider's name in full and in short, and what the module says of its prices.
HEADS = {
    "aws": ("Amazon Web Services", "AWS",
            "On-demand prices for Linux: us-east-1 of 2026-07-20, elsewhere of 2025, r6i of 2024."),
    "azure": ("Microsoft Azure", "Azure", "On-demand prices for Linux of 2026-06-18."),
    "gcp": ("Google Cloud", "Google", "On-demand prices of 2025; t2a and g2 of 2024."),
}


def table(name):
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(file))


def text(number, places):
    """The shortest decimal, rounded to so many places."""
    rounded = D(number).quantize(D(1).scaleb(-places), ROUND_HALF_EVEN)
    shown = format(rounded, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def reserved_mcpu(vcpu):
    """What a kubelet keeps of the cores, in thousandths (formula of AKS and GKE, 2024)."""
    return 60 + 10 * min(vcpu, 4) + D("2.5") * max(0, vcpu - 4)


def reserved_mib(mib):
    """What a kubelet keeps of the memory: 255 MiB and 25, 20, 10, 6, 2 % of ever further parts."""
    parts = [(0, 4096, "0.25"), (4096, 8192, "0.20"), (8192, 16384, "0.10"),
             (16384, 131072, "0.06")]
    kept = D(255) + D("0.02") * max(0, mib - 131072)
    return kept + sum(D(share) * max(0, min(mib, high) - low) for low, high, share in parts)


def symbol(name):
    return name.lower().replace(".", "-").replace("_", "-")


def node_type(row, power):
    vcpu, mib, gpus = int(row["vcpu"]), int(row["mem_gib"]) * 1024, int(row["gpu"])
    mcpu = row["allocatable_mcpu"] or int(vcpu * 1000 - reserved_mcpu(vcpu))
    memory = row["allocatable_mib"] or int(mib - reserved_mib(mib))
    cpu, ram = power["cpu", row["power"]], power["memory", ""]
    idle = vcpu * cpu[0] + D(row["mem_gib"]) * ram[0]
    # 1200 kg for a machine of 96 vCPU, 150 kg for a GPU, over four years.
    embodied = (D(1200000) * vcpu / 96 + D(150000) * gpus) / (4 * 8760)
    fields = [f':name "{row["type"]}"']
    if row["arch"] != "x64":
        fields.append(f':arch "{row["arch"]}"')
    fields += [f":cpu {mcpu}mcpu", f":memory {memory}MiB"]
    if gpus:
        gpu = power["gpu", row["gpu_model"]]
        idle += gpus * gpu[0]
        fields += [f":gpu {gpus}gpu", f':gpu-model "{row["gpu_model"]}"',
                   f":power-per-gpu {text(gpu[1] - gpu[0], 2)}W/gpu"]
    fields += [f":network {row['net_mbps']}Mbit/s", f":idle {text(idle, 2)}W",
               f":power-per-core {text(cpu[1] - cpu[0], 3)}W/cpu",
               f":embodied {text(embodied, 2)}gCO2e/h"]
    return wrap(f"(def {symbol(row['type'])}\n  (NodeType {{", fields, "}))", 13)


def wrap(head, items, tail, indent):
    """Items in lines of at most 100 columns behind a head of which the last line counts."""
    lines, width = [head], len(head.split("\n")[-1])
    for i, item in enumerate(items):
        room = 100 - (len(tail) if i == len(items) - 1 else 0)
        if width + 1 + len(item) > room and i > 0:
            lines.append(" " * indent + item)
            width = indent + len(item)
        elif i == 0:
            lines[-1] += item
            width += len(item)
        else:
            lines[-1] += " " + item
            width += 1 + len(item)
    return "\n".join(lines) + tail


def region(provider, row, prices):
    name = row["region"]
    years = sorted({year for _, _, year in prices})
    span = years[0] if len(years) == 1 else f"{years[0]}-{years[-1]}"
    carbon = row["carbon_source"].replace("region-carbon-info ", "")
    pue = row["pue_source"].split(",")[0]
    source = f"carbon {carbon}; PUE {pue}; prices {HEADS[provider][1]} {span}"
    fields = [f':name "{provider}/{name}"', f":zones {row['zones']}",
              f":carbon {row['carbon_g_kwh']}gCO2e/kWh", f":pue {row['pue']}",
              f":latitude {row['latitude']}", f":longitude {row['longitude']}",
              f':source "{source}"']
    offers = [f"(at {symbol(node)} {usd}USD/h)" for node, usd, _ in prices]
    return (wrap(f"(def {symbol(name)}\n  (Region {{", fields, "\n", 11)
            + wrap("           :offers [", offers, "]}))", 20))


def year_of(source):
    return next(word.strip(",")[:4] for word in source.split() if word[:2] == "20")


def module(provider):
    power = {(r["kind"], r["key"]): (D(r["idle_w"]), D(r["max_w"])) for r in table("power.csv")}
    types = [r for r in table("types.csv") if r["provider"] == provider]
    regions = [r for r in table("regions.csv") if r["provider"] == provider]
    prices = {}
    for row in table("prices.csv"):
        if row["provider"] == provider:
            price = (row["type"], row["usd_per_hour"], year_of(row["source"]))
            prices.setdefault(row["region"], []).append(price)
    title, _, priced = HEADS[provider]
    head = f"""; {title}: regions and the machine types most often rented, each at its list price.
; Written by stdlib/catalog/generate.py from the tables beside it; their rows and README.md give the
; source and year of every figure.
; {priced}
; Amounts are what a kubelet leaves to pods; power is by the Cloud Carbon Footprint coefficients;
; carbon is the yearly mean of the grid as in Google's region-carbon-info of 2024, where named.
(module cloud.{provider})
(import std.deploy :all)

(defn at "A machine type at a price." [node price] (Offer {{:node node :price price}}))
"""
    parts = [head, "; " + "-" * 91 + " types", *(node_type(r, power) for r in types), "",
             "; " + "-" * 89 + " regions",
             *(region(provider, r, prices[r["region"]]) for r in regions)]
    return "\n".join(parts) + "\n"


def main():
    differing = []
    for provider in HEADS:
        path, written = OUT / f"{provider}.ecl", module(provider)
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text() != written:
                differing.append(path.name)
        else:
            path.write_text(written)
    if differing:
        sys.exit("differ from the tables: " + ", ".join(differing))


if __name__ == "__main__":
    main()
