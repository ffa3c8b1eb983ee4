use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

use super::answer_clock::AnswerClock;
use super::problem::{Code, Problem};
use crate::service::Service;

/// Bytes of a request's head, and of what is read ahead of a body.
const BUFFER_BYTES: usize = 64 << 10;

/// Longest time in which the other side takes none of what is sent.
const WRITE_PAUSE: Duration = Duration::from_secs(20);

/// Pause after the system refused a connection, as when files run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A port that is listened at.
#[derive(Debug)]
pub struct Listener(std::net::TcpListener);

/// Why a port cannot be listened at.
#[derive(Debug, thiserror::Error)]
#[error("{address}: cannot be listened at: {source}")]
pub struct ListenError {
    address: String,
    source: io::Error,
}

impl Listener {
    /// Listens at an address such as `127.0.0.1`, or a host's name, and a port; port 0 takes a free one.
    ///
    /// # Errors
    ///
    /// There is no such address, or the port is taken or not allowed.
    pub fn bind(host: &str, port: u16) -> Result<Self, ListenError> {
        let failed = |source| ListenError {
            address: format!("{host}:{port}"),
            source,
        };
        let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs().map_err(failed)?.collect();
        let socket = std::net::TcpListener::bind(addresses.as_slice()).map_err(failed)?;
        socket.set_nonblocking(true).map_err(failed)?;
        Ok(Self(socket))
    }

    /// The address that is really listened at.
    ///
    /// # Errors
    ///
    /// The system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// Answers requests until `stop` comes true, then finishes what is under way.
///
/// # Errors
///
/// The listener cannot be used.
pub async fn serve(listener: Listener, service: Service, stop: impl Future<Output = ()>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener.0)?;
    let limits = service.settings().limits.clone();
    let handler = TowerToHyperService::new(service.router());
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header)
        .max_headers(limits.headers)
        .max_buf_size(BUFFER_BYTES);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tokio::spawn(refuse(stream));
            continue;
        };
        // An answer is small; it must not wait for more to fill a packet.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(WRITE_PAUSE));
        let (clock, watchdog) = AnswerClock::new();
        let handler = handler.clone();
        let answering = service_fn(move |request| {
            clock.asked();
            let (answer, clock) = (handler.call(request), clock.clone());
            async move {
                let answer = answer.await;
                clock.answered();
                answer
            }
        });
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), answering);
        let connection = graceful.watch(connection);
        let open = service.metrics().connection();
        let patience = limits.answer;
        tokio::spawn(async move {
            // Whoever broke the connection off needs no answer; a head that is no HTTP has had its own.
            tokio::select! {
                _ = connection => {}
                // To drop the connection closes it.
                () = watchdog.bark(patience) => tracing::debug!("an answer was not taken in time"),
            }
            drop((place, open));
        });
    }
    drop(listener);
    service.stopping();
    tracing::info!("stopping: finishing what is under way");
    if tokio::time::timeout(limits.shutdown, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!(
            seconds = limits.shutdown.as_secs(),
            "some requests were not finished in time"
        );
    }
    Ok(())
}

/// Tells one that comes too many to come later, and reads a little of what it sends so that it hears it.
async fn refuse(mut stream: TcpStream) {
    let problem = Problem::new(
        Code::TooManyConnections,
        "too many connections are open; try again",
    );
    let status = problem.code.status();
    let body = serde_json::to_string(&problem.body()).unwrap_or_default();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nRetry-After: 1\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let told = async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await?;
        let mut unread = [0; 4096];
        while stream.read(&mut unread).await? > 0 {}
        io::Result::Ok(())
    };
    // Whoever does not listen is not waited for.
    let _ = tokio::time::timeout(Duration::from_secs(1), told).await;
}
