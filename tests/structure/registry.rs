//! The slices that are declared, and those that are registered, with what each of them depends on.

/// A slice: the attributes before it, and its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Slice {
    name: String,
    when: Vec<String>,
}

const DECLARED: &str = "// The slices.";
const REGISTERED: &str = "\nslices! {\n";

/// The slices whose modules are declared, in a text like that of `slices/mod.rs`.
pub(crate) fn declared(text: &str) -> Vec<Slice> {
    let (_, lines) = text.split_once(DECLARED).unwrap();
    let (lines, _) = lines.split_once("\n\n").unwrap();
    slices(lines.lines().skip(1), |line| line.strip_prefix("pub(crate) mod ")?.strip_suffix(';'))
}

/// The slices in the registry, in its order.
pub(crate) fn registered(text: &str) -> Vec<Slice> {
    let (_, lines) = text.split_once(REGISTERED).unwrap();
    let (lines, _) = lines.split_once("\n}").unwrap();
    slices(lines.lines(), |line| line.strip_suffix(','))
}

fn slices<'t>(lines: impl Iterator<Item = &'t str>, name: impl Fn(&'t str) -> Option<&'t str>) -> Vec<Slice> {
    let (mut slices, mut when) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim) {
        match name(line) {
            Some(name) => slices.push(Slice { name: name.to_owned(), when: std::mem::take(&mut when) }),
            None => when.push(line.to_owned()),
        }
    }
    slices
}

/// The same text with every declared slice in the registry. Those that are there keep their order, and new ones follow.
pub(crate) fn completed(text: &str) -> String {
    let (declared, registered) = (declared(text), registered(text));
    let place = |slice: &Slice| registered.iter().position(|known| known.name == slice.name);
    let mut all = declared;
    all.sort_by_key(|slice| place(slice).unwrap_or(registered.len()));
    let lines = all.iter().flat_map(|slice| slice.when.iter().cloned().chain([format!("{},", slice.name)]));
    let lines: Vec<_> = lines.map(|line| format!("    {line}")).collect();
    let (before, rest) = text.split_once(REGISTERED).unwrap();
    let (_, after) = rest.split_once("\n}").unwrap();
    format!("{before}{REGISTERED}{}\n}}{after}", lines.join("\n"))
}

#[test]
fn a_new_slice_is_registered_last_and_one_that_is_gone_is_not() {
    let text = "// The slices. One line.\npub(crate) mod a;\n#[cfg(test)]\npub(crate) mod b;\npub(crate) mod c;\n\n\
                slices! {\n    c,\n    gone,\n    a,\n}\nrest\n";
    let expected = text.replace("    c,\n    gone,\n    a,\n", "    c,\n    a,\n    #[cfg(test)]\n    b,\n");
    assert_eq!(completed(text), expected);
    assert_eq!(completed(&expected), expected);
}
