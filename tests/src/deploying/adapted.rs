//! `eclexia serve --adapt`: what runs follows what it is asked, and says why.

use super::served::Served;
use super::{Machine, free_port, get};

/// A service that carries 5 requests a second with each small replica, 1,000 with a large one.
fn shop(machine: &Machine, port: u16) {
    machine.write(&format!(
        "(defn answer [request] (http/text 200 \"well\"))\n\
         (defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port) answer)))\n\
         (defservice web {{:image \"i\" :command [\"eclexia\" \"run\" \"shop.ecl\"]\n\
           :replicas (between 1 2) :demand 1req/s :port {port}\n\
           :health (http \"/\" :every 1s :timeout 1s)\n\
           :variants [(variant \"small\" {{:requires {{:cpu 250mcpu :memory 64MiB}}\n\
                        :provides {{:throughput 5req/s}}}})\n\
                      (variant \"large\" {{:requires {{:cpu 1cpu :memory 128MiB}}\n\
                        :provides {{:throughput 1000req/s}} :penalty 1USD/h}})]}})"
    ));
}

#[test]
fn more_requests_than_were_planned_bring_the_variant_that_carries_them() {
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port);
    machine.done(&["apply", "shop.ecl"]);
    let variant = || machine.status()["deployments"][0]["services"][0]["variant"].clone();
    assert_eq!(variant(), "small");
    let served = Served::start(&machine, &["--adapt", "500ms"]);
    machine.until("it is adapted", || {
        for _ in 0..20 {
            assert!(get(port, "/").is_some_and(|(status, _)| status == 200));
        }
        let status = machine.status();
        let shop = &status["deployments"][0];
        shop["services"][0]["variant"] == "large" && shop["state"] == "completed"
    });
    let told = machine.events();
    assert!(told.contains("adapted      web: small × 1 → large × 1: web is asked"), "{told}");
    drop(served);
    machine.done(&["rollback", "shop"]);
    assert_eq!(variant(), "small");
}
