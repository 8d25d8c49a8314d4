//! The check of the URL of a database server. sqlx ignores parameters that it does not know, and the settings of other
//! drivers would be lost in silence. Here they are errors.

/// The parameters that name a host.
const HOSTS: [&str; 2] = ["host", "hostaddr"];
/// The parameters by which other drivers choose among several hosts.
const CHOICES: [&str; 2] = ["target_session_attrs", "load_balance_hosts"];
/// What to do instead.
const INSTEAD: &str = "to follow a failover, name a proxy, or an address that moves to the new primary";

/// Checks that a URL names one host, and only known parameters. Returns what is wrong.
pub(super) fn check(url: &str, known: &[&str]) -> Result<(), String> {
    let url = url.split('#').next().unwrap_or_default();
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let authority = place.split_once("://").and_then(|(_, behind)| behind.split('/').next()).unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let parameters = query.split('&').filter(|pair| !pair.is_empty());
    let parameters: Vec<_> = parameters.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();

    let named = parameters.iter().filter(|(name, _)| HOSTS.contains(name)).map(|(_, value)| *value);
    let named: Vec<_> = named.chain([host]).collect();
    if named.len() > 2 || named.into_iter().any(|host| host.contains(',') || host.to_uppercase().contains("%2C")) {
        return Err(format!("it names several hosts, and one is supported; {INSTEAD}"));
    }
    match parameters.into_iter().map(|(name, _)| name).find(|name| !is_known(name, known)) {
        None => Ok(()),
        Some(name) if CHOICES.contains(&name) => Err(format!("the parameter `{name}` is not supported; {INSTEAD}")),
        // It may be the rest of a password.
        Some(_) if query.contains('@') => {
            Err("it has a parameter that is not supported; in a password, write `?` as `%3F` and `@` as `%40`"
                .to_owned())
        }
        Some(name) => Err(format!("the parameter `{name}` is not supported; known are {}", known.join(", "))),
    }
}

/// Settings of PostgreSQL are also written as `options[NAME]`.
fn is_known(name: &str, known: &[&str]) -> bool {
    let stem = name.split(['[', '%']).next().unwrap_or_default();
    known.contains(&name) || stem == "options" && known.contains(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 5] = ["sslmode", "host", "hostaddr", "port", "options"];

    #[test]
    fn one_host_and_known_parameters_are_accepted() {
        for url in [
            "postgres://ada@db/shop",
            "postgres://ada:a,b@db:5432/shop?sslmode=require",
            "postgres://ada:a%3Fb@[::1]/shop?",
            "postgres:///shop?host=/run/postgresql&port=5432&",
            "postgres://db/shop?options=-c%20geqo%3Doff&options[work_mem]=1MB&options%5Bgeqo%5D=off",
            "postgres://db/shop#target_session_attrs=any",
        ] {
            assert_eq!(check(url, &KNOWN), Ok(()), "{url}");
        }
    }

    #[test]
    fn several_hosts_are_refused_wherever_they_are_named() {
        for url in [
            "postgres://one:5432,two:5432/shop",
            "postgres://ada:canary@one,two/shop?sslmode=require",
            "postgres://one%2ctwo/shop",
            "postgres:///shop?host=one,two",
            "postgres:///shop?host=one%2Ctwo",
            "postgres:///shop?host=one&host=two",
        ] {
            let said = check(url, &KNOWN).unwrap_err();
            assert!(
                said.contains("several hosts") && said.contains("a proxy") && !said.contains("canary"),
                "{url}: {said}"
            );
        }
    }

    #[test]
    fn a_parameter_that_would_be_ignored_is_refused_by_its_name() {
        let said = check("postgres://db/shop?sslmode=require&target_session_attrs=read-write", &KNOWN).unwrap_err();
        assert!(
            said.starts_with("the parameter `target_session_attrs` is not supported; to follow a failover"),
            "{said}"
        );
        for name in ["connect_timeout", "SSLMODE", "sslmod", "optionsx", "keepalives"] {
            let said = check(&format!("postgres://db/shop?{name}=1"), &KNOWN).unwrap_err();
            assert_eq!(
                said,
                format!("the parameter `{name}` is not supported; known are sslmode, host, hostaddr, port, options")
            );
        }
    }

    #[test]
    fn x1_the_rest_of_a_password_is_not_repeated() {
        let said = check("postgres://ada:12?canary@db/shop", &KNOWN).unwrap_err();
        assert!(said.contains("`%3F`") && !said.contains("canary"), "{said}");
    }
}
