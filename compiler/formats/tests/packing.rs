//! The reader of bin packings: what is read, and what is refused with the number that is wrong.

use eclexia_formats::packing::{What, read};

const TEXT: &str = "2 10 20   2   4 -3 1   10 20 2";

#[test]
fn an_instance_is_read() {
    let instance = read(TEXT).expect("well-formed");
    assert_eq!((instance.capacity.as_slice(), instance.items()), ([10, 20].as_slice(), 3));
    assert_eq!(instance.kinds[0].size, [4, -3]);
    assert_eq!(instance.volume_bound(), 3);
}

#[test]
fn bad_text_is_refused_with_the_number_that_is_wrong() {
    let fault = |text: &str| read(text).map_err(|fault| (fault.number, fault.what));
    assert_eq!(fault(""), Err((1, What::Ends)));
    assert_eq!(fault("0"), Err((1, What::Number("0".to_owned()))));
    assert_eq!(fault("33"), Err((1, What::Number("33".to_owned()))));
    assert_eq!(fault("1 -5"), Err((2, What::Number("-5".to_owned()))));
    assert_eq!(fault("1 5 1 NaN"), Err((4, What::Number("NaN".to_owned()))));
    assert_eq!(fault("1 5 1 6 1"), Err((5, What::TooBig { line: 1 })));
    assert_eq!(fault("1 5 2 3 20000 3 1"), Err((7, What::TooMany)));
    assert_eq!(fault(&format!("{TEXT} 7")), Err((11, What::GoesOn)));
    assert_eq!(fault(&TEXT.replace("20 2", "20")), Err((10, What::Ends)));
}
