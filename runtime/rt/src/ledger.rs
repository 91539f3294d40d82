//! Budgets at run time: what they hold, exactly, and the accounts that they were drawn from.
//!
//! A budget is a list of lots, each with amounts and the draw it is of (none: granted by the
//! treasury). The ledger knows for every draw what is outstanding: drawn and not given back. An
//! account is not overdrawn: for every key that it limits, what is outstanding of it and of the
//! accounts below it that do not limit the key themselves stays within the limit. What was spent
//! stays outstanding.

use crate::builtin::Fault;
use crate::value::{Site, Value};
use eclexia_base::amount::{amount_text, exact};
use eclexia_base::unit::UnitTable;
use eclexia_base::{Amounts, Dim, Name, Rational};
use std::rc::Rc;

/// A budget, or amounts asked for.
#[derive(Clone, Debug, Default)]
pub struct Holding {
    lots: Vec<Lot>,
    /// What it was given at first, some of which may be used up.
    keys: Vec<Name>,
}

#[derive(Clone, Debug)]
struct Lot {
    /// Index into the ledger's draws.
    draw: Option<u32>,
    amounts: Amounts,
}

/// What is drawn from accounts and not given back.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    accounts: Vec<AccountState>,
    draws: Vec<Draw>,
}

#[derive(Clone, Debug)]
struct AccountState {
    name: String,
    /// Where its limits stand: two accounts may share a name.
    site: Option<Site>,
    limits: Vec<(Name, Rational, Dim)>,
    parent: Option<usize>,
}

/// All draws of one expression from one account.
#[derive(Clone, Debug)]
struct Draw {
    account: usize,
    site: Site,
    outstanding: Amounts,
}

/// A draw as elaboration sees it.
#[derive(Clone, Debug)]
pub struct Outstanding {
    pub account: String,
    pub site: Site,
    pub amounts: Amounts,
}

impl Holding {
    pub fn of(amounts: Amounts) -> Holding {
        Holding::from_lot(Lot { draw: None, amounts })
    }

    fn from_lot(lot: Lot) -> Holding {
        let keys = keys(&lot.amounts);
        Holding { lots: vec![lot], keys }
    }

    /// Whether it is a budget of this too, though perhaps nothing is left of it.
    pub fn limits(&self, key: Name) -> bool {
        self.keys.contains(&key)
    }

    /// Everything it holds.
    pub fn total(&self) -> Amounts {
        match &self.lots[..] {
            [only] => only.amounts.clone(),
            lots => lots.iter().fold(Amounts::default(), |sum, lot| sum.plus(&lot.amounts)),
        }
    }

    pub fn merged(&self, other: &Holding) -> Holding {
        let mut lots = self.lots.clone();
        for lot in &other.lots {
            match lots.iter_mut().find(|own| own.draw == lot.draw) {
                Some(own) => own.amounts = own.amounts.plus(&lot.amounts),
                None => lots.push(lot.clone()),
            }
        }
        let mut keys = self.keys.clone();
        keys.extend(other.keys.iter().filter(|key| !self.keys.contains(key)));
        Holding { lots, keys }
    }

    /// The part asked for and the rest, or what is missing.
    pub fn split(&self, asked: &Amounts) -> Result<(Holding, Holding), (Name, Rational, Dim)> {
        if let Some(short) = self.total().shortage(asked) {
            return Err(short);
        }
        let mut part = Holding { lots: Vec::new(), keys: keys(asked) };
        let mut rest = Holding { lots: Vec::new(), keys: self.keys.clone() };
        let mut wanted = asked.clone();
        for lot in &self.lots {
            let given = lot.amounts.iter().map(|(key, has, dim)| {
                let most = wanted.get(key);
                (key, if most < *has { most } else { has.clone() }, dim)
            });
            let given = Amounts::new(given.collect::<Vec<_>>());
            wanted = wanted.minus(&given);
            rest.lots.push(Lot { draw: lot.draw, amounts: lot.amounts.minus(&given) });
            part.lots.push(Lot { draw: lot.draw, amounts: given });
        }
        for holding in [&mut part, &mut rest] {
            holding.lots.retain(|lot| !lot.amounts.is_empty());
        }
        Ok((part, rest))
    }
}

fn keys(amounts: &Amounts) -> Vec<Name> {
    amounts.iter().map(|(key, ..)| key).collect()
}

impl Ledger {
    /// Draws amounts from an account of `defbudget`, or says what is missing.
    pub fn draw(
        &mut self,
        account: &Value,
        amounts: &Amounts,
        site: Site,
        units: &UnitTable,
    ) -> Result<Holding, Fault> {
        let Some(account) = self.open(account) else {
            return Err(Fault::Abort("what is drawn from is no account".to_owned()));
        };
        for (key, asked, dim) in amounts.iter() {
            self.check(account, (key, asked, dim), units)?;
        }
        let known = self.draws.iter().position(|d| d.account == account && d.site == site);
        let draw = known.unwrap_or_else(|| {
            let outstanding = Amounts::default();
            self.draws.push(Draw { account, site, outstanding });
            self.draws.len() - 1
        });
        self.draws[draw].outstanding = self.draws[draw].outstanding.plus(amounts);
        let lot = Lot { draw: u32::try_from(draw).ok(), amounts: amounts.clone() };
        Ok(Holding::from_lot(lot))
    }

    fn check(
        &self,
        account: usize,
        (key, asked, dim): (Name, &Rational, Dim),
        units: &UnitTable,
    ) -> Result<(), Fault> {
        let Some((payer, limit, own)) = self.payer(account, key) else { return Ok(()) };
        if own != dim {
            let name = &self.accounts[payer].name;
            return Err(Fault::Overdrawn(format!("`{name}` counts :{key} in another unit")));
        }
        let pays = |draw: &&Draw| self.payer(draw.account, key).is_some_and(|(p, ..)| p == payer);
        let taken: Rational =
            self.draws.iter().filter(pays).map(|draw| draw.outstanding.get(key)).sum();
        let left = &limit - taken;
        if *asked <= left {
            return Ok(());
        }
        let text = |value: &Rational| amount_text(value, dim, units);
        let name = &self.accounts[payer].name;
        Err(Fault::Overdrawn(format!(
            "`{name}` has :{key} {} left of {}, {} is drawn",
            text(&left),
            text(&limit),
            text(asked)
        )))
    }

    /// The account that limits `key`, from this one upwards.
    fn payer(&self, account: usize, key: Name) -> Option<(usize, Rational, Dim)> {
        let mut at = Some(account);
        while let Some(index) = at {
            let state = &self.accounts[index];
            if let Some((_, limit, dim)) = state.limits.iter().find(|(k, ..)| *k == key) {
                return Some((index, limit.clone(), *dim));
            }
            at = state.parent;
        }
        None
    }

    /// The account of a record of `std.deploy`: `:name`, `:limits`, `:parent`, and as `:bounds`
    /// pairs of a key and the limit, if it has one.
    fn open(&mut self, value: &Value) -> Option<usize> {
        let [name, limits, bounds, from] = value.fields() else { return None };
        let name = name.as_str()?;
        let site = limits.as_data().and_then(|limits| limits.site);
        let known = self.accounts.iter().position(|a| a.name == name && a.site == site);
        if let Some(known) = known {
            return Some(known);
        }
        let parent = match from.fields() {
            [parent] => self.open(parent),
            _ => None,
        };
        let bound = |bound: &Value| {
            let items = bound.as_items()?;
            let key = items.front()?.as_keyword()?;
            let [amount] = items.get(1)?.fields() else { return None };
            let (value, dim) = quantity(amount)?;
            Some((key, value, dim))
        };
        let limits = bounds.as_items()?.iter().filter_map(bound).collect();
        self.accounts.push(AccountState { name: name.to_owned(), site, limits, parent });
        Some(self.accounts.len() - 1)
    }

    /// A budget goes back to where it came from.
    pub fn release(&mut self, holding: &Holding) {
        for lot in &holding.lots {
            if let Some(draw) = lot.draw.and_then(|draw| self.draws.get_mut(draw as usize)) {
                draw.outstanding = draw.outstanding.minus(&lot.amounts);
            }
        }
    }

    /// Every draw with something outstanding, in the order of the first draws.
    pub fn outstanding(&self) -> Vec<Outstanding> {
        let open = self.draws.iter().filter(|draw| !draw.outstanding.is_empty());
        open.map(|draw| Outstanding {
            account: self.accounts[draw.account].name.clone(),
            site: draw.site,
            amounts: draw.outstanding.clone(),
        })
        .collect()
    }
}

/// A number or quantity, exactly.
pub fn quantity(value: &Value) -> Option<(Rational, Dim)> {
    match value {
        Value::Int(n) => Some((eclexia_base::number::int(*n), Dim::ONE)),
        Value::Quantity(x, dim) => Some((exact(*x, *dim)?, *dim)),
        _ => None,
    }
}

impl Value {
    pub fn holding(holding: Holding) -> Value {
        Value::Budget(Rc::new(holding))
    }

    pub fn amounts(amounts: Amounts) -> Value {
        Value::holding(Holding::of(amounts))
    }

    pub fn as_holding(&self) -> Option<&Holding> {
        if let Value::Budget(holding) = self { Some(holding) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Fields;
    use eclexia_base::number::{int, ratio};

    fn cpu(n: Rational) -> Amounts {
        Amounts::new([(Name::new("cpu"), n, Dim::base("core"))])
    }

    fn account(name: &str, limit: f64, from: Option<Value>) -> Value {
        let some = |value| Value::data(1, 1, None, Fields::One([value]));
        let limit = some(Value::Quantity(limit, Dim::base("core")));
        let bound = Value::vector([Value::Keyword(Name::new("cpu")), limit]);
        let from = from.map_or(Value::Tag { ctor: 0, index: 0 }, some);
        let fields = vec![Value::str(name), Value::Unit, Value::vector([bound]), from];
        Value::data(2, 0, None, Fields::from(fields))
    }

    #[test]
    fn an_account_gives_what_it_has_and_no_more() {
        let (mut ledger, units) = (Ledger::default(), UnitTable::language());
        let team = account("team", 1.0, None);
        let draw = |ledger: &mut Ledger, n| ledger.draw(&team, &cpu(n), Site::default(), units);
        let tenths: Vec<Holding> =
            (0..10).map(|_| draw(&mut ledger, ratio(1, 10)).expect("there is enough")).collect();
        assert!(draw(&mut ledger, ratio(1, 1_000_000)).is_err());
        ledger.release(&tenths[0]);
        assert!(draw(&mut ledger, ratio(1, 10)).is_ok());
        assert_eq!(ledger.outstanding()[0].amounts, cpu(int(1)));
    }

    #[test]
    fn parts_remember_whose_they_are() {
        let (mut ledger, units) = (Ledger::default(), UnitTable::language());
        let (a, b) = (account("a", 4.0, None), account("b", 4.0, None));
        let x = ledger.draw(&a, &cpu(int(2)), Site::default(), units).expect("enough");
        let y = ledger.draw(&b, &cpu(int(2)), Site::default(), units).expect("enough");
        let (part, rest) = x.merged(&y).split(&cpu(int(3))).expect("four are there");
        assert_eq!((part.total(), rest.total()), (cpu(int(3)), cpu(int(1))));
        ledger.release(&rest);
        let left: Vec<Amounts> = ledger.outstanding().into_iter().map(|o| o.amounts).collect();
        assert_eq!(left, [cpu(int(2)), cpu(int(1))]);
        assert!(part.split(&cpu(int(4))).is_err());
    }
}
