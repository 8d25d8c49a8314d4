//! The sources of the crate: its modules, what each defines and re-exports, and which paths it names outside its tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Item, UseTree};

use crate::graph::Graph;

/// A module by the names that lead to it.
type Name = Vec<String>;

/// One module of the crate.
#[derive(Default)]
struct Module {
    /// Its file, below the folder of the sources.
    file: String,
    /// What it defines.
    items: BTreeSet<String>,
    /// What it imports or re-exports: under which name, and from where. Its children see both.
    named: BTreeMap<String, Name>,
    /// From where it re-exports everything.
    globs: Vec<Name>,
    /// The paths that it names.
    paths: BTreeSet<Name>,
}

pub(crate) struct Crate {
    /// The folder of its sources.
    root: PathBuf,
    modules: BTreeMap<Name, Module>,
}

impl Crate {
    /// The crate in this folder of the workspace.
    pub(crate) fn read(folder: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join("src");
        let mut all = Self { root, modules: BTreeMap::new() };
        all.module(Vec::new(), &all.root.join("lib.rs"));
        all
    }

    /// Which file uses which.
    pub(crate) fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for module in self.modules.values() {
            for to in module.paths.iter().filter_map(|path| self.file(path, 0)) {
                graph.connect(&module.file, to);
            }
        }
        graph
    }

    /// The names that its root re-exports.
    pub(crate) fn at_the_root(&self) -> Vec<&str> {
        self.modules[&Name::new()].named.keys().map(String::as_str).collect()
    }

    /// The text of every file but those of tests, by its name below the folder of the sources.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, String)> {
        let files: BTreeSet<_> = self.modules.values().map(|module| module.file.as_str()).collect();
        files.into_iter().map(|file| (file, fs::read_to_string(self.root.join(file)).unwrap()))
    }

    /// The file that defines what a path leads to; none where it leads out of the crate.
    fn file(&self, path: &[String], depth: usize) -> Option<&str> {
        assert!(depth < 16, "{path:?} leads nowhere");
        let at = (0..=path.len()).rev().find(|at| self.modules.contains_key(&path[..*at]))?;
        let module = &self.modules[&path[..at]];
        let Some(name) = path.get(at) else { return Some(&module.file) };
        if module.items.contains(name) {
            return Some(&module.file);
        }
        // What hands a macro on under its own name defines it; and what another crate of that name has leads out.
        if let Some(from) = module.named.get(name).filter(|from| !from.starts_with(&path[..=at])) {
            return self.file(&[from.as_slice(), &path[at + 1..]].concat(), depth + 1);
        }
        let defines = |glob: &&Name| self.modules.get(*glob).is_some_and(|module| module.items.contains(name));
        match module.globs.iter().find(defines) {
            Some(glob) => self.file(&[glob.as_slice(), &path[at..]].concat(), depth + 1),
            // A name of another crate, or one that a macro makes.
            None => (!path[..at].is_empty()).then_some(&module.file),
        }
    }

    fn module(&mut self, name: Name, file: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let relative = file.strip_prefix(&self.root).unwrap().to_str().unwrap().replace('\\', "/");
        self.items(name, &relative, parsed.items);
    }

    fn items(&mut self, name: Name, file: &str, items: Vec<Item>) {
        let mut module = Module { file: file.to_owned(), ..Module::default() };
        for item in items {
            if is_test(attributes(&item)) {
                continue;
            }
            match item {
                Item::Use(item) => {
                    let handed_on = !matches!(item.vis, syn::Visibility::Inherited);
                    let mut leaves = Vec::new();
                    spread(&item.tree, &mut Vec::new(), &mut leaves);
                    for (path, alias) in leaves {
                        let Some(path) = absolute(&path, &name) else { continue };
                        if !handed_on {
                            module.paths.insert(path.clone());
                        }
                        match alias.as_str() {
                            "*" => module.globs.push(path),
                            _ => drop(module.named.insert(alias, path)),
                        }
                    }
                }
                Item::Mod(item) => {
                    let inner = [name.as_slice(), &[item.ident.to_string()]].concat();
                    match item.content {
                        Some((_, items)) => self.items(inner, file, items),
                        None => {
                            let file = self.place(file, &name, &item);
                            self.module(inner, &file);
                        }
                    }
                }
                item => {
                    module.items.extend(defined(&item));
                    walk(item.to_token_stream(), &name, &mut module.paths);
                }
            }
        }
        self.modules.insert(name, module);
    }

    /// Where the file of a module is.
    fn place(&self, file: &str, parent: &[String], item: &syn::ItemMod) -> PathBuf {
        let named = item.attrs.iter().find(|attribute| attribute.path().is_ident("path"));
        if let Some(syn::Meta::NameValue(pair)) = named.map(|attribute| &attribute.meta)
            && let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value
        {
            return self.root.join(file).with_file_name(text.value());
        }
        let folder = self.root.join(parent.join("/"));
        let plain = folder.join(format!("{}.rs", item.ident));
        if plain.exists() { plain } else { folder.join(item.ident.to_string()).join("mod.rs") }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item is there for tests alone.
fn is_test(attributes: &[Attribute]) -> bool {
    let names_test = |tokens: &TokenStream| {
        let text = tokens.to_string();
        text.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test") && !text.contains("not (test")
    };
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => names_test(&list.tokens),
        _ => false,
    })
}

fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// The paths of a `use`, each with the name under which it is known afterwards.
fn spread(tree: &UseTree, before: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            spread(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((before.clone(), before.last().cloned().unwrap_or_default()));
        }
        UseTree::Name(name) => {
            leaves.push(([before.as_slice(), &[name.ident.to_string()]].concat(), name.ident.to_string()));
        }
        UseTree::Rename(name) => {
            leaves.push(([before.as_slice(), &[name.ident.to_string()]].concat(), name.rename.to_string()));
        }
        UseTree::Glob(_) => leaves.push((before.clone(), "*".to_owned())),
        UseTree::Group(group) => group.items.iter().for_each(|tree| spread(tree, before, leaves)),
    }
}

/// A path as it is named from the root; none where it leads out of the crate.
fn absolute(path: &[String], module: &[String]) -> Option<Name> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let (_, parent) = module.split_last()?;
            match rest.first().map(String::as_str) {
                Some("super") => absolute(rest, parent),
                _ => Some([parent, rest].concat()),
            }
        }
        // Its own module, or another crate.
        _ => Some([module, path].concat()),
    }
}

/// Collects the paths in what is not a `use`: those that begin with `crate`, `super` or `self`.
fn walk(tokens: TokenStream, module: &[String], paths: &mut BTreeSet<Name>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Group(group) => walk(group.stream(), module, paths),
            TokenTree::Ident(ident) if ["crate", "super", "self"].iter().any(|word| ident == word) => {
                let mut path = vec![ident.to_string()];
                while let Some(TokenTree::Punct(colon)) = tokens.peek()
                    && colon.as_char() == ':'
                {
                    tokens.next();
                    tokens.next();
                    match tokens.peek() {
                        Some(TokenTree::Ident(ident)) => path.push(ident.to_string()),
                        // `use` inside a function.
                        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                            let tree = format!("{}::{}", path.join("::"), group);
                            let mut leaves = Vec::new();
                            if let Ok(tree) = syn::parse_str::<UseTree>(&tree) {
                                spread(&tree, &mut Vec::new(), &mut leaves);
                            }
                            paths.extend(leaves.iter().filter_map(|(path, _)| absolute(path, module)));
                            break;
                        }
                        _ => break,
                    }
                    tokens.next();
                }
                if path.len() > 1 {
                    paths.extend(absolute(&path, module));
                }
            }
            _ => {}
        }
    }
}
