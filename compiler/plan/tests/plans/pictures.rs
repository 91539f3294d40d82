//! Pictures: deterministic, complete, and well-formed.

use crate::fixture::*;
use eclexia_model::*;
use eclexia_plan::graph::{Format, graph};
use eclexia_plan::plan;

fn shop() -> Deployment {
    let mut dep = store();
    let need = |name: &str, port: u16| Need {
        service: name.to_owned(),
        ports: vec![port],
        origin: Origin(0),
    };
    dep.limits.clear();
    dep.services[0].needs = vec![need("db", 5432), need("cache", 6379)];
    let port = |name: &str, port: u16| Port {
        name: name.to_owned(),
        port,
        protocol: name.to_owned(),
        origin: Origin(0),
    };
    dep.services[0].ports = vec![port("http", 8080)];
    let mut web = service("web", (3, 3), requires(500, 256), 50);
    web.needs = vec![need("api", 8080)];
    web.ports = vec![port("http", 80), port("metrics", 9090)];
    web.min_zones = 3;
    let mut worker = service("worker <&>", (1, 1), requires(500, 256), 51);
    worker.needs = vec![need("db", 5432), need("cache", 6379)];
    dep.services.extend([web, worker, service("cache", (1, 1), requires(500, 512), 52)]);
    dep.jobs.push(job("report", 4, 2, 24));
    dep
}

#[test]
fn pictures_name_every_service_job_and_machine() {
    let dep = shop();
    let made = plan(&dep, "shop", None, &Places).0.expect("a plan");
    for format in [Format::Dot, Format::Mermaid, Format::Svg] {
        let text = graph(&dep, Some(&made), format);
        assert_eq!(text, graph(&dep, Some(&made), format));
        for name in ["web", "api", "db", "cache", "report", "× medium"] {
            assert!(text.contains(name), "{format:?} lacks {name}");
        }
        let plain = graph(&dep, None, format);
        assert!(plain.contains("× 2 to 6") && !plain.contains("machines"), "{format:?}");
    }
    let svg = graph(&dep, Some(&made), Format::Svg);
    assert!(svg.contains("worker &lt;&amp;&gt;") && !svg.contains("<&"));
}
