//! A cluster and the pods that come to it, as two tables of comma-separated values: the form of
//! Alibaba's `cluster-trace-gpu-v2023`. What comes in: text; what goes out: an instance within the
//! bounds that [`eclexia_optimizer::arrivals`] asks for, with its names, or which line is wrong and
//! why. Columns are found by their names; others are left out, times among them.

use csv::{ReaderBuilder, StringRecord, Trim};
use eclexia_optimizer::arrivals::{
    Instance, MOST_AMOUNT, MOST_DEVICES, MOST_MACHINES, MOST_MODELS, MOST_PODS, MOST_REQUESTS,
    Machine, Request, WHOLE,
};

/// What is read of each table, by the names of its first line.
pub const MACHINE_COLUMNS: [&str; 5] = ["sn", "cpu_milli", "memory_mib", "gpu", "model"];
pub const POD_COLUMNS: [&str; 6] =
    ["name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec"];

/// An instance with the names of its machines and pods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub instance: Instance,
    pub machines: Vec<String>,
    pub pods: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Machines,
    Pods,
}

/// Which line of which table, counted from 1, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub table: Table,
    pub line: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The first line does not name this column.
    Column(&'static str),
    /// It has another number of fields than the first line.
    Fields {
        found: usize,
        expected: usize,
    },
    /// It is no whole number from `least` to `most`.
    Number {
        column: &'static str,
        found: String,
        least: u64,
        most: u64,
    },
    /// Several devices, and not the whole of them.
    Part,
    /// There are more of these than are read.
    TooMany(&'static str, usize),
    Csv(String),
}

/// Reads a list of pods and the machines that they come to.
pub fn read(pods: &str, machines: &str) -> Result<Named, Fault> {
    let mut models: Vec<String> = Vec::new();
    let mut named = Named { instance: Instance::default(), machines: Vec::new(), pods: Vec::new() };
    let mut cluster = Vec::new();
    rows(Table::Machines, machines, MACHINE_COLUMNS, |row| {
        cluster.push(machine(row, &mut models)?);
        named.machines.push(row.field(0).to_owned());
        row.at_most("machines", named.machines.len(), MOST_MACHINES)
    })?;
    let mut requests = Vec::new();
    let mut last = 1;
    rows(Table::Pods, pods, POD_COLUMNS, |row| {
        requests.push(request(row, &models)?);
        named.pods.push(row.field(0).to_owned());
        last = row.line;
        row.at_most("pods", named.pods.len(), MOST_PODS)
    })?;
    named.instance = Instance::new(cluster, &requests);
    if named.instance.requests.len() > MOST_REQUESTS {
        let what = What::TooMany("requests that differ", MOST_REQUESTS);
        return Err(Fault { table: Table::Pods, line: last, what });
    }
    Ok(named)
}

struct Row<'a, const N: usize> {
    table: Table,
    line: usize,
    names: [&'static str; N],
    at: [usize; N],
    record: &'a StringRecord,
}

impl<const N: usize> Row<'_, N> {
    fn fault(&self, what: What) -> Fault {
        Fault { table: self.table, line: self.line, what }
    }

    fn field(&self, column: usize) -> &str {
        self.record.get(self.at[column]).unwrap_or_default()
    }

    fn number(&self, column: usize, least: u64, most: u64) -> Result<u64, Fault> {
        let found = self.field(column);
        match found.parse() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => {
                let found = found.chars().take(40).collect();
                let column = self.names[column];
                Err(self.fault(What::Number { column, found, least, most }))
            }
        }
    }

    fn at_most(&self, what: &'static str, count: usize, most: usize) -> Result<(), Fault> {
        if count <= most { Ok(()) } else { Err(self.fault(What::TooMany(what, most))) }
    }
}

/// Hands each row of a table to `each`, its columns in the order of `names`.
fn rows<const N: usize>(
    table: Table,
    text: &str,
    names: [&'static str; N],
    mut each: impl FnMut(&Row<'_, N>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let mut reader =
        ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let mut line = 1;
    let unreadable = |line, error: &csv::Error| {
        let line = error.position().map_or(line, |p| p.line() as usize);
        Fault { table, line, what: What::Csv(error.to_string()) }
    };
    let header = reader.headers().map_err(|error| unreadable(line, &error))?.clone();
    let mut at = [0; N];
    for (at, name) in at.iter_mut().zip(names) {
        let missing = Fault { table, line, what: What::Column(name) };
        *at = header.iter().position(|column| column == name).ok_or(missing)?;
    }
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(line, &error))? {
        line = record.position().map_or(line, |p| p.line() as usize);
        let row = Row { table, line, names, at, record: &record };
        if record.len() != header.len() {
            let what = What::Fields { found: record.len(), expected: header.len() };
            return Err(row.fault(what));
        }
        each(&row)?;
    }
    Ok(())
}

fn machine(row: &Row<'_, 5>, models: &mut Vec<String>) -> Result<Machine, Fault> {
    let devices = row.number(3, 0, MOST_DEVICES as u64)? as u8;
    let model = row.field(4);
    let known = models.iter().position(|m| devices == 0 || m == model);
    let model = known.unwrap_or_else(|| {
        models.push(model.to_owned());
        models.len() - 1
    });
    row.at_most("models of devices", models.len(), MOST_MODELS)?;
    let (cpu, memory) = (row.number(1, 0, MOST_AMOUNT)?, row.number(2, 0, MOST_AMOUNT)?);
    Ok(Machine { cpu, memory, devices, model: model as u8 })
}

fn request(row: &Row<'_, 6>, models: &[String]) -> Result<Request, Fault> {
    let (cpu, memory) = (row.number(1, 0, MOST_AMOUNT)?, row.number(2, 0, MOST_AMOUNT)?);
    let devices = row.number(3, 0, MOST_DEVICES as u64)? as u8;
    if devices == 0 {
        return Ok(Request { cpu, memory, devices, milli: 0, models: u64::MAX });
    }
    let milli = row.number(4, 1, u64::from(WHOLE))? as u16;
    if devices > 1 && milli < WHOLE {
        return Err(row.fault(What::Part));
    }
    let wanted: Vec<&str> = row.field(5).split('|').filter(|model| !model.is_empty()).collect();
    let will_do = (0..models.len()).filter(|m| wanted.contains(&models[*m].as_str()));
    let models = if wanted.is_empty() { u64::MAX } else { will_do.fold(0, |set, m| set | 1 << m) };
    Ok(Request { cpu, memory, devices, milli, models })
}
