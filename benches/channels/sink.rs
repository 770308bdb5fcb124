//! A program that says yes to everything: what a peer reaches when nothing is done with what it brings.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::{App, HttpServer, rt, web};

/// A running sink; it ends with the process.
pub struct Sink {
    /// `http://127.0.0.1:port`
    pub url: String,
    taken: Arc<AtomicUsize>,
}

impl Sink {
    /// Starts one that answers every request with this body.
    pub fn start(answer: &str) -> Self {
        let (taken, answer) = (Arc::new(AtomicUsize::new(0)), answer.to_owned());
        let counted = taken.clone();
        let (told, port) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            rt::System::new().block_on(async move {
                let app = move || {
                    let (counted, answer) = (counted.clone(), answer.clone());
                    App::new().default_service(web::to(move |_body: web::Bytes| {
                        counted.fetch_add(1, Ordering::Relaxed);
                        std::future::ready(answer.clone())
                    }))
                };
                let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
                told.send(server.addrs()[0]).unwrap();
                server.run().await.unwrap();
            });
        });
        Self { url: format!("http://{}", port.recv().unwrap()), taken }
    }

    /// Requests taken so far.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}
