//! What is wrong between us and a platform: addresses, proxies, certificates. The servers here are small and run for as long
//! as the test.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use corkboard::connector::Trouble;

use super::certificates::{Authority, Certificate};
use super::scene::{Case, Scene, case};
use crate::places::On;

/// A port at which nothing listens.
fn nobody() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port()
}

/// A server that hands every connection to `serve`.
fn server(serve: impl Fn(TcpStream) + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    port
}

/// A server that answers whatever it is sent with these bytes.
fn saying(answer: &'static str) -> u16 {
    server(move |mut stream| {
        let mut some = [0_u8; 4_096];
        let _ = stream.read(&mut some);
        let _ = stream.write_all(answer.as_bytes());
    })
}

pub fn hosts() -> Vec<Case> {
    let h = Trouble::Host;
    let fault = |text: &'static str| move |s: &mut Scene| s.sandbox.set_faults(text.parse().expect("faults"));
    let mut out = Vec::new();
    for on in On::ALL {
        let below = move |s: &mut Scene| {
            let base = format!("{}{}", s.sandbox.url(), on.root());
            s.replace(&format!("{base}\""), &format!("{base}/nowhere\""));
        };
        let closed = |s: &mut Scene| s.at(&format!("http://127.0.0.1:{}", nobody()));
        let unnamed = |s: &mut Scene| s.at("https://no-such-host.invalid");
        let mute =
            |s: &mut Scene| s.at(&format!("http://127.0.0.1:{}", saying("220 mail.example.net ESMTP\r\n")));
        let elsewhere = fault("redirect=https://elsewhere.example.net/login");
        let page = "a web page, \"Sign in to the network\"";
        out.extend([
            case(on, h, fault("html"), page, "`api_url`", "a web page in place of the API"),
            case(on, h, below, "answered 404", "does not look like", "a wrong path"),
            case(on, h, elsewhere, "elsewhere.example.net", "`api_url`", "a redirect to another host"),
            case(
                on,
                h,
                unnamed,
                "cannot reach the server",
                "there is no host no-such-host.invalid",
                "a name that does not resolve",
            ),
            case(
                on,
                h,
                closed,
                "refused",
                "nothing listens at 127.0.0.1:",
                "a port at which nothing listens",
            ),
            case(
                on,
                h,
                mute,
                "before an answer came",
                "does not speak HTTP",
                "a port that speaks something else",
            ),
        ]);
    }
    out
}

pub fn proxies() -> Vec<Case> {
    let p = Trouble::Proxy;
    let through = |variable: &'static str, port: fn() -> u16| {
        move |s: &mut Scene| {
            s.at("https://platform.example.net");
            s.env(variable, format!("http://who:hidden@127.0.0.1:{}", port()));
        }
    };
    let wants = || saying("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let shut = || saying("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let mut out = Vec::new();
    for on in On::ALL {
        let gone = through("HTTPS_PROXY", nobody);
        let told = "cannot reach the server";
        let named = |variable: &str, what: &str| format!("of {variable} {what}");
        out.extend([
            case(on, p, gone, told, named("HTTPS_PROXY", "cannot be reached"), "unreachable"),
            case(on, p, through("ALL_PROXY", wants), told, named("ALL_PROXY", "wants a user"), "407"),
            case(
                on,
                p,
                through("https_proxy", shut),
                told,
                named("https_proxy", "does not let us through"),
                "a refusal",
            ),
        ]);
    }
    let nonsense = |s: &mut Scene| {
        s.at("https://platform.example.net");
        s.env("HTTPS_PROXY", "http://who:hidden@[bad");
    };
    out.push(case(On::Github, p, nonsense, "HTTPS_PROXY does not name a proxy", "http://HOST:PORT", ""));
    out
}

/// A server with this certificate that says no to everybody.
fn secure(of: &Certificate) -> u16 {
    let config = Arc::new(of.server());
    server(move |mut stream| {
        let Ok(mut session) = rustls::ServerConnection::new(config.clone()) else { return };
        let mut tls = rustls::Stream::new(&mut session, &mut stream);
        let mut some = [0_u8; 4_096];
        if tls.read(&mut some).is_ok_and(|n| n > 0) {
            let _ = tls
                .write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
        }
    })
}

/// Sends the connection to a server with this certificate, with this authority as the only one that is trusted.
fn over_tls(s: &mut Scene, certificate: &Certificate, trusted: &Certificate) {
    s.home.write("trusted.pem", &trusted.pem());
    let path = s.home.path("trusted.pem").display().to_string();
    s.key(&format!("ca_file = \"{path}\""));
    s.env("SSL_CERT_FILE", path);
    s.at(&format!("https://localhost:{}", secure(certificate)));
}

pub fn tls() -> Vec<Case> {
    let t = Trouble::Tls;
    let mut out = Vec::new();
    for on in On::ALL {
        let own = |s: &mut Scene| {
            over_tls(s, &Certificate::self_signed("localhost"), &Authority::new("Somebody").certificate);
        };
        let name = |s: &mut Scene| {
            let authority = Authority::new("Ours");
            over_tls(
                s,
                &authority.sign("other.example.net", "20200101000000Z", "20990101000000Z"),
                &authority.certificate,
            );
        };
        let old = |s: &mut Scene| {
            let authority = Authority::new("Ours");
            over_tls(
                s,
                &authority.sign("localhost", "20200101000000Z", "20210101000000Z"),
                &authority.certificate,
            );
        };
        let early = |s: &mut Scene| {
            let authority = Authority::new("Ours");
            over_tls(
                s,
                &authority.sign("localhost", "20900101000000Z", "20990101000000Z"),
                &authority.certificate,
            );
        };
        let plain = |s: &mut Scene| {
            let url = s.sandbox.url().replace("http://", "https://");
            s.at(&url);
        };
        let told = "cannot reach the server";
        out.extend([
            case(on, t, own, told, "`ca_file`", "a certificate nobody vouches for"),
            case(on, t, name, told, "the certificate is another host's", "another host's"),
            case(
                on,
                t,
                old,
                told,
                "no longer valid, or this machine's clock is wrong",
                "one that has ended or not begun",
            ),
            case(on, t, early, told, "not valid yet", ""),
            case(on, t, plain, told, "speaks no TLS", "a port without TLS"),
        ]);
    }
    let missing = |s: &mut Scene| {
        s.key("ca_file = \"/nowhere/ca.pem\"");
        s.at("https://platform.example.net");
    };
    out.push(case(On::Gitlab, t, missing, "/nowhere/ca.pem", "check the path", ""));
    // The same server with a certificate that is in order is spoken to: it is the certificate that the others fail by.
    let good = |s: &mut Scene| {
        let authority = Authority::new("Ours");
        over_tls(
            s,
            &authority.sign("localhost", "20200101000000Z", "20990101000000Z"),
            &authority.certificate,
        );
    };
    out.extend(On::ALL.map(|on| case(on, Trouble::Token, good, "answered 401", "the token", "")));
    let known = |s: &mut Scene| {
        let own = Certificate::self_signed("localhost");
        over_tls(s, &own, &own);
    };
    out.push(case(On::Gitlab, Trouble::Token, known, "answered 401", "the token", ""));
    out
}
