(module) (import) (def) (defn) (defn f) (deftype) (defrecord) (definterface) (implement) (sig) (extern) (defmacro) (deftest) (defunit) (defdimension) (defbudget) (defservice) (defdeployment)
