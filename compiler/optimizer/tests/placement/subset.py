"""Small placement-1 instances cut out of a generated one.

subset.py INSTANCE FIRST COUNT: services FIRST..FIRST+COUNT with at most 4 replicas, offers of
machines with at most 8 vCPU, and carbon limited to what binds a little; JSON on stdout.
"""
import gzip
import json
import sys

path, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
d = json.load(gzip.open(path))
chosen = list(range(first, first + count))
index = {s: i for i, s in enumerate(chosen)}
d["services"] = [d["services"][s] for s in chosen]
for service in d["services"]:
    for variant in service["variants"]:
        variant["replicas"] = min(variant["replicas"], 4)
d["offers"] = [o for o in d["offers"] if d["node_types"][o["type"]]["vcpu"] <= 8]
for rule in ("conflicts", "together", "near"):
    kept = [r for r in d[rule] if r[0] in index and r[1] in index]
    d[rule] = [[index[r[0]], index[r[1]], *r[2:]] for r in kept]
del d["witness"]
json.dump(d, sys.stdout)
