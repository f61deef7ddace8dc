use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::Method;
use interdict_host::connection_failure;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState,
};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{
    BatchConfig, BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor as _,
};
use ureq::Agent;

use super::trace::Trace;
use crate::error::Error;
use crate::outgoing::to_named_server;

/// How long the collector has for its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Many times an answer of a collector.
const LARGEST_ANSWER: u64 = 1 << 20;

/// Sends a span of each request whose trace is sampled to a collector (OTLP over HTTP, as JSON), from a thread of its own.
/// A span has the route, the method and the status: nothing of what was sent.
pub(crate) struct Spans {
    processor: BatchSpanProcessor,
    scope: InstrumentationScope,
}

impl Spans {
    /// To the collector at this address, to which `/v1/traces` is added.
    ///
    /// # Errors
    /// It is no address.
    pub(crate) fn to(collector: &str) -> Result<Self, Error> {
        let config = to_named_server(PATIENCE).build();
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(format!("{}/v1/traces", collector.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .with_http_client(Collector(config.new_agent()))
            .build();
        let exporter = exporter.map_err(|error| Error::Service(format!("otlp: {error}")))?;
        let mut processor = BatchSpanProcessor::new(exporter, BatchConfig::default());
        let resource = Resource::builder().with_service_name("interdict").build();
        processor.set_resource(&resource);
        Ok(Self {
            processor,
            scope: InstrumentationScope::builder("interdict").build(),
        })
    }

    /// Keeps the span of a request that was answered, unless its trace is not sampled.
    pub(crate) fn answered(
        &self,
        trace: &Trace,
        request: (&Method, &str),
        status: u16,
        began: SystemTime,
    ) {
        let Some((span_context, parent_span_id)) = context(trace) else {
            return;
        };
        let (method, route) = (name(request.0), request.1);
        self.processor.on_end(SpanData {
            span_context,
            parent_span_id,
            parent_span_is_remote: true,
            span_kind: SpanKind::Server,
            name: format!("{method} {route}").into(),
            start_time: began,
            end_time: SystemTime::now(),
            attributes: vec![
                KeyValue::new("http.request.method", method),
                KeyValue::new("http.route", route.to_owned()),
                KeyValue::new("http.response.status_code", i64::from(status)),
            ],
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: match status {
                500.. => Status::error(""),
                _ => Status::Unset,
            },
            instrumentation_scope: self.scope.clone(),
        });
    }

    /// Sends what is left.
    pub(crate) fn end(&self) {
        // Whatever the collector did not take is lost, as spans may be.
        let _ = self.processor.shutdown_with_timeout(PATIENCE);
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Spans")
    }
}

/// Where the span stands; `None` if its trace is not sampled.
fn context(trace: &Trace) -> Option<(SpanContext, SpanId)> {
    if !trace.is_sampled() {
        return None;
    }
    let id = TraceId::from_hex(&trace.id).ok()?;
    let span = SpanId::from_hex(&trace.span).ok()?;
    let parent = trace.parent.as_deref();
    let parent = parent.and_then(|parent| SpanId::from_hex(parent).ok());
    let context = SpanContext::new(id, span, TraceFlags::SAMPLED, false, TraceState::NONE);
    Some((context, parent.unwrap_or(SpanId::INVALID)))
}

/// A method of HTTP; others could be anything.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        _ => "_OTHER",
    }
}

/// The client that the rest of the service has, for the exporter.
#[derive(Debug)]
struct Collector(Agent);

#[async_trait]
impl HttpClient for Collector {
    /// It blocks: the exporter calls it from a thread of its own.
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let address = parts.uri.to_string();
        let sent = self.0.run(Request::from_parts(parts, body.to_vec()));
        let response = sent.inspect_err(|error| {
            let why = connection_failure(&address, error);
            tracing::warn!("spans: the collector cannot be reached: {why}");
        })?;
        let (parts, mut body) = response.into_parts();
        let bytes = body.with_config().limit(LARGEST_ANSWER).read_to_vec()?;
        if !parts.status.is_success() {
            tracing::warn!(
                status = parts.status.as_u16(),
                "spans: the collector refused them"
            );
        }
        Ok(Response::from_parts(parts, bytes.into()))
    }
}
