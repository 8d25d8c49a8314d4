//! Mails as they go over the wire.

use super::*;
use crate::user::EmailAddress;

fn smtp() -> Smtp {
    let smtp = Smtp::new("smtp://localhost?tls=none", "Shop & Söhne <accounts@shop.example>").unwrap();
    smtp.reply_to("Help <help@shop.example>").unwrap()
}

fn written(mail: &Mail) -> String {
    String::from_utf8(smtp().formatted(mail).unwrap()).unwrap()
}

/// The headers, unfolded.
fn headers(written: &str) -> Vec<String> {
    let (head, _) = written.split_once("\r\n\r\n").unwrap();
    head.replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n").map(str::to_owned).collect()
}

fn mail(address: &str) -> Mail {
    Mail::to(&EmailAddress::from_stored(address))
}

#[test]
fn nm1_a_mail_has_the_headers_of_one_that_a_program_writes() {
    let mail =
        mail("ada@example.com").subject("Bestätigen").text("Grüße").html("<p>Grüße</p>").id("018f").language("de");
    let written = written(&mail);
    let mut headers = headers(&written);
    headers
        .retain(|header| !header.starts_with("Date: ") && !header.starts_with("Content-Type: multipart/alternative;"));
    assert_eq!(
        headers,
        [
            "From: =?utf-8?b?U2hvcCAmIFPDtmhuZQ==?= <accounts@shop.example>",
            "To: ada@example.com",
            "Subject: =?utf-8?b?QmVzdMOkdGlnZW4=?=",
            "Message-ID: <018f@shop.example>",
            "Reply-To: Help <help@shop.example>",
            "Auto-Submitted: auto-generated",
            "X-Auto-Response-Suppress: All",
            "Content-Language: de",
            "MIME-Version: 1.0",
        ]
    );
    // Text first, so that programs choose the HTML, which comes last (RFC 2046, 5.1.4); all of it is ASCII.
    let (text, html) = (written.find("text/plain").unwrap(), written.find("text/html").unwrap());
    assert!(text < html && written.matches("quoted-printable").count() == 2 && written.is_ascii());
}

#[test]
fn nm1_data_never_becomes_a_header_or_a_second_recipient() {
    for address in [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com, eve@example.com",
        "ada@example.com,eve@example.com",
        "Ada <eve@example.com>",
        "<eve@example.com>",
        "ada@example.com>",
        "@example.com",
        "ada@",
        "",
    ] {
        let error = smtp().formatted(&mail(address)).unwrap_err();
        assert!(error.is_permanent(), "{address}");
    }
    let hostile = mail("ada@example.com")
        .subject("Hi\r\nBcc: eve@example.com")
        .text("\r\n.\r\nRCPT TO:<eve@example.com>")
        .language("de\r\nBcc: eve@example.com");
    let written = written(&hostile);
    assert!(!headers(&written).iter().any(|header| header.to_ascii_lowercase().starts_with("bcc")), "{written}");
}

#[test]
fn nm1_odd_but_legal_addresses_are_recipients_as_they_are() {
    for (address, shown) in [
        ("o'hara+x@example.com", "o'hara+x@example.com"),
        ("a!#$%&'*/=?^_`{|}~@example.com", "a!#$%&'*/=?^_`{|}~@example.com"),
        ("Ada@Example.COM", "Ada@example.com"),
        // The domain in ASCII, which every server transports.
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
    ] {
        let message = smtp().format.message(&mail(address).text("x")).unwrap();
        assert_eq!(message.envelope().to().iter().map(ToString::to_string).collect::<Vec<_>>(), [shown]);
        assert!(headers(&written(&mail(address).text("x"))).contains(&format!("To: {shown}")), "{address}");
    }
    let message = smtp().format.message(&mail("josé@example.com").text("x")).unwrap();
    assert_eq!(message.envelope().to()[0].to_string(), "josé@example.com");
}

#[test]
fn a_sender_that_is_none_is_a_fault() {
    for sender in [
        "",
        "Shop",
        "Shop <accounts>",
        "a@shop.example, b@shop.example",
        "Shop <a@shöp.example>",
        "a@shop.example\r\nBcc: x@y.example",
    ] {
        assert!(Smtp::new("smtp://localhost?tls=none", sender).is_err(), "{sender}");
    }
    assert!(Smtp::new("smtp://localhost?tls=none", "accounts@shop.example").is_ok());
    assert!(smtp().authority(b"no certificate").is_err());
}
