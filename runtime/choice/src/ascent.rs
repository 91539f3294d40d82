//! Prices between two plans, by dual ascent: what is used more than its budget becomes dearer,
//! what is used less cheaper (Arrow, Hurwicz and Uzawa 1958), within the range in which the plan's
//! prices hold. The next plan sets them anew.

/// One price.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Ascent {
    price: f64,
    low: f64,
    high: f64,
    /// How much of the range one whole budget too much moves the price.
    rate: f64,
}

impl Ascent {
    /// From a plan's price and the least and largest that it may become; none where these are no
    /// rising numbers of 0 or more, or the rate is none.
    pub fn new(price: f64, (low, high): (f64, f64), rate: f64) -> Option<Ascent> {
        let is_number = |x: f64| x.is_finite() && x >= 0.0;
        let good = [price, low, high, rate].into_iter().all(is_number) && low <= high;
        good.then(|| Ascent { price: price.clamp(low, high), low, high, rate })
    }

    pub fn price(&self) -> f64 {
        self.price
    }

    /// After a time in which so much of so large a budget was used; what is no number changes
    /// nothing.
    pub fn observe(&mut self, used: f64, budget: f64) -> f64 {
        let excess = (used - budget) / budget;
        if excess.is_finite() && budget > 0.0 {
            let step = self.rate * (self.high - self.low) * excess;
            self.price = (self.price + step).clamp(self.low, self.high);
        }
        self.price
    }
}
