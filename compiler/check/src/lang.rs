//! Types and definitions of `std.core` that checking knows by name. What a broken standard library
//! lacks is the error type here, and reported by core.

use crate::ty::Ty;
use eclexia_base::{Dim, Name};
use eclexia_core::core::{DefId, InterfaceId, Program, TypeId};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Lang {
    pub int: Ty,
    pub bool: Ty,
    pub string: Ty,
    pub keyword: Ty,
    pub unit: Ty,
    pub float: Ty,
    pub world: Ty,
    pub never: Option<TypeId>,
    pub vector: Option<TypeId>,
    pub map: Option<TypeId>,
    pub list: Option<TypeId>,
    pub result: Option<TypeId>,
    pub times: Option<DefId>,
    pub over: Option<DefId>,
    pub num: Option<InterfaceId>,
    pub add: Option<InterfaceId>,
    pub pair: Option<TypeId>,
    pub option: Option<TypeId>,
    pub treasury: Option<TypeId>,
    pub amounts: Ty,
    pub budget: BudgetDefs,
}

/// The operations on budgets, which have types of their own at each call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BudgetDefs {
    pub grant: Option<DefId>,
    pub draw: Option<DefId>,
    pub split: Option<DefId>,
    pub try_split: Option<DefId>,
    pub merge: Option<DefId>,
    pub spend: Option<DefId>,
    pub release: Option<DefId>,
    pub leave: Option<DefId>,
    pub at_least: Option<DefId>,
    /// All of them are from the first to the last of these, so that most definitions are known not
    /// to be one at a glance.
    pub first: DefId,
    pub last: DefId,
}

impl Lang {
    pub fn of(program: &Program) -> Lang {
        let items = &program.lang;
        let id = |name: &str| items.types.get(&Name::new(name)).copied();
        let plain = |name: &str| id(name).map_or(Ty::ERROR, |id| Ty::con(id, []));
        let def = |name: &str| items.defs.get(&Name::new(name)).copied();
        let interface = |name: &str| items.interfaces.get(&Name::new(name)).copied();
        let names =
            ["budget", "draw", "split", "split?", "merge", "spend", "release", "leave", "at-least"];
        let all = names.into_iter().filter_map(def);
        Lang {
            int: plain("Int"),
            bool: plain("Bool"),
            string: plain("String"),
            keyword: plain("Keyword"),
            unit: plain("Unit"),
            float: Ty::quantity(Dim::ONE),
            world: plain("World"),
            never: id("Never"),
            vector: id("Vector"),
            map: id("Map"),
            list: id("List"),
            result: id("Result"),
            times: def("*"),
            over: def("/"),
            num: interface("Num"),
            add: interface("Add"),
            pair: id("Pair"),
            option: id("Option"),
            treasury: id("Treasury"),
            amounts: plain("Amounts"),
            budget: BudgetDefs {
                grant: def("budget"),
                draw: def("draw"),
                split: def("split"),
                try_split: def("split?"),
                merge: def("merge"),
                spend: def("spend"),
                release: def("release"),
                leave: def("leave"),
                at_least: def("at-least"),
                first: all.clone().min().unwrap_or(DefId(u32::MAX)),
                last: all.max().unwrap_or(DefId(0)),
            },
        }
    }
}
