//! The reader of traces: what is read, and what is refused with its line. On the public trace,
//! where it is there: the bound of its lists, and what the policies make of one.
#![expect(
    clippy::disallowed_methods,
    reason = "a test reads the benchmark's files, and says so where they are missing"
)]

use eclexia_formats::gunzip;
use eclexia_formats::trace::{Fault, Named, Table, What, read};
use eclexia_optimizer::Effort;
use eclexia_optimizer::arrivals::{Instance, Order, Policy, Short, bound, check, replay};
use std::path::{Path, PathBuf};

const MACHINES: &str = "sn,cpu_milli,memory_mib,gpu,model\n\
                        a,8000,1024,0,\n\
                        b,8000,1024,2,T4\n\
                        c,4000,512,1,V100\n";
const PODS: &str = "qos,name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n\
                    BE,x,1000,16,1,500,\n\
                    LS,y,2000,32,0,0,\n\
                    LS,z,1000,16,1,500,\n\
                    BE,w,1000,16,2,1000,T4|P100\n";

#[test]
fn a_trace_is_read_by_the_names_of_its_columns() {
    let Named { instance, machines, pods } = read(PODS, MACHINES).expect("well-formed");
    assert_eq!(machines, ["a", "b", "c"]);
    assert_eq!(pods, ["x", "y", "z", "w"]);
    assert_eq!((instance.requests.len(), instance.pods[0]), (3, instance.pods[2]));
    assert_eq!((instance.demand(), instance.capacity()), (3_000, 3_000));
    let wanted = instance.request(3);
    assert!(wanted.accepts(instance.machines[1].model));
    assert!(!wanted.accepts(instance.machines[2].model));
    assert_eq!(instance.with_devices().machines.len(), 2);
}

#[test]
fn bad_lines_are_refused_with_what_is_wrong() {
    let pods = |from: &str, to: &str| {
        let Fault { table, line, what } = read(&PODS.replace(from, to), MACHINES).unwrap_err();
        assert_eq!(table, Table::Pods);
        (line, what)
    };
    assert_eq!(pods("gpu_milli", "milli"), (1, What::Column("gpu_milli")));
    assert_eq!(pods("z,1000", "z,1,000"), (4, What::Fields { found: 8, expected: 7 }));
    let number = |column, found: &str, most| {
        let found = found.to_owned();
        What::Number { column, found, least: u64::from(column == "gpu_milli"), most }
    };
    assert_eq!(pods("x,1000", "x,1e3"), (2, number("cpu_milli", "1e3", 1_000_000_000)));
    assert_eq!(pods("16,2", "16,17"), (5, number("num_gpu", "17", 16)));
    assert_eq!(pods("x,1000,16,1,500", "x,1000,16,1,0"), (2, number("gpu_milli", "0", 1_000)));
    assert_eq!(pods("2,1000,T4", "2,500,T4"), (5, What::Part));
    let fault = read(PODS, &MACHINES.replace("c,4000", "c,-4")).unwrap_err();
    assert_eq!((fault.table, fault.line), (Table::Machines, 4));
    assert_eq!(read("", MACHINES).unwrap_err().what, What::Column("name"));
    let many: String = (0..1_001).map(|i| format!("BE,p{i},{i},1,0,0,\n")).collect();
    let many = format!("{}\n{many}", PODS.lines().next().expect("a header"));
    let fault = read(&many, MACHINES).unwrap_err();
    assert_eq!(fault.what, What::TooMany("requests that differ", 1_000));
}

/// Where the public trace is, if it is.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/placement/trace")
}

/// A list of the public trace and all of its machines.
fn public(list: &str) -> Option<Instance> {
    let text = |name: &str| {
        let bytes = gunzip(std::fs::File::open(folder().join(name)).ok()?, 1 << 30).ok()??;
        String::from_utf8(bytes).ok()
    };
    let pods = text(&format!("openb_pod_list_{list}.csv.gz"))?;
    let machines = text("openb_node_list_all_node.csv.gz")?;
    Some(read(&pods, &machines).expect("the public trace is well-formed").instance)
}

#[test]
fn the_public_lists_cannot_run_at_once() {
    for (list, requests) in [("default", 151), ("cpu050", 141)] {
        let Some(instance) = public(list) else {
            return println!("skipped: {} is not here", folder().display());
        };
        assert_eq!(instance.requests.len(), requests);
        let found = bound(&instance);
        assert_eq!((found.short, instance.demand()), (Some(Short::Devices), 6_086_800));
        assert!((5_990_000..6_010_000).contains(&found.most), "{found:?}");
    }
}

/// One order; `benches/RESULTS.md` has the means of ten. A published figure is met when it is
/// missed by less than four of its standard deviations.
#[test]
fn published_figures_are_met_and_looking_ahead_is_above_them() {
    let Some(instance) = public("default") else {
        return println!("skipped: {} is not here", folder().display());
    };
    let instance = instance.with_devices();
    let order = Order::shuffled(&instance, 110.0, 42);
    let used = |policy| {
        let found = replay(&instance, &order, policy, &Effort::counted(&|| 0.0));
        assert_eq!(check(&instance, &order.pods, &found.spots), Ok(found.allocated));
        100.0 * found.allocated as f64 / instance.capacity() as f64
    };
    let published = [
        (Policy::Fgd, 95.30, 0.10),
        (Policy::BestFit, 92.93, 0.13),
        (Policy::DotProduct, 90.70, 0.20),
    ];
    for (policy, mean, deviation) in published {
        let found = used(policy);
        assert!((found - mean).abs() < 4.0 * deviation, "{policy:?}: {found} for {mean}");
    }
    let ours = used(Policy::Lookahead);
    assert!(ours > 96.1, "{ours}");
}
