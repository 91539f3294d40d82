//! Eclexia called from Rust: what `libshop.h` declares, declared here. Made by
//!
//!     eclexia build ../called-from-c/shop.ecl --library
//!     rustc main.rs -L . -l static=shop -C link-arg=-Wl,-z,muldefs
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char};

#[repr(C)]
pub struct Program([u8; 0]);

#[repr(C)]
pub struct Instance([u8; 0]);

unsafe extern "C" {
    static shop_program: Program;
    fn ecl_open(program: *const Program) -> *mut Instance;
    fn ecl_close(instance: *mut Instance);
    fn ecl_error(instance: *const Instance) -> *const c_char;
    fn ecl_free_text(text: *mut c_char);
    fn shop_price(instance: *mut Instance, count: i64, each: f64) -> f64;
    fn shop_label(instance: *mut Instance, what: *const c_char, count: i64) -> *mut c_char;
    fn shop_share(instance: *mut Instance, count: i64, customers: i64) -> i64;
}

/// The program, with functions that give a `Result`.
struct Shop(*mut Instance);

impl Shop {
    fn open() -> Option<Shop> {
        // SAFETY: the program is linked.
        let instance = unsafe { ecl_open(&raw const shop_program) };
        (!instance.is_null()).then_some(Shop(instance))
    }

    fn ended<T>(&self, value: T) -> Result<T, String> {
        // SAFETY: the instance lives; the text is copied.
        unsafe {
            let error = ecl_error(self.0);
            if error.is_null() {
                return Ok(value);
            }
            Err(CStr::from_ptr(error).to_string_lossy().into_owned())
        }
    }

    fn price(&self, count: i64, each: f64) -> Result<f64, String> {
        // SAFETY: the instance lives.
        self.ended(unsafe { shop_price(self.0, count, each) })
    }

    fn share(&self, count: i64, customers: i64) -> Result<i64, String> {
        // SAFETY: the instance lives.
        self.ended(unsafe { shop_share(self.0, count, customers) })
    }

    fn label(&self, what: &str, count: i64) -> Result<String, String> {
        let what = CString::new(what).map_err(|error| error.to_string())?;
        // SAFETY: both live; the text that is given is copied and freed.
        unsafe {
            let given = shop_label(self.0, what.as_ptr(), count);
            self.ended(())?;
            let label = CStr::from_ptr(given).to_string_lossy().into_owned();
            ecl_free_text(given);
            Ok(label)
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // SAFETY: used no more.
        unsafe { ecl_close(self.0) }
    }
}

fn main() -> Result<(), String> {
    let shop = Shop::open().ok_or("no memory")?;
    println!("{:.2}", shop.price(12, 2.5)?);
    println!("{}", shop.label("cup", 1)?);
    println!("{}", shop.share(7, 2)?);
    if let Err(why) = shop.share(7, 0) {
        eprint!("{why}");
    }
    Ok(())
}
