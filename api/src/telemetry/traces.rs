//! Traces over OTLP: a request, the GraphQL operation in it, each flight of statements that it sent. The context comes in
//! as W3C `traceparent` and goes out as `traceresponse` (Trace Context Level 2). Nothing of this runs without a collector:
//! spans that nobody takes are not made.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::sync::OnceLock;
use tracing::{Level, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Where an answer says which trace it belongs to.
const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();

/// What sends our spans to the collector at `endpoint`, such as `http://collector:4318`. Sampling and batches follow
/// OpenTelemetry's own variables (`OTEL_TRACES_SAMPLER` and others).
///
/// # Errors
/// An address that cannot be read.
pub(super) fn layer<S>(endpoint: &str) -> Result<impl Layer<S>, ExporterBuildError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let resource = Resource::builder().with_service_name("quartermaster");
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource.build())
        .build();
    let tracer = provider.tracer("quartermaster");
    let _ = PROVIDER.set(provider);
    let ours = filter_fn(|line| line.is_span() && line.target().starts_with("quartermaster"));
    Ok(tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(ours.with_max_level_hint(Level::DEBUG)))
}

/// Sends what is not sent yet, for at most five seconds. Not to be called from a task.
pub fn stop() {
    if let Some(provider) = PROVIDER.get() {
        let _ = provider.shutdown();
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// Makes a request's span a part of the trace that the client names, or the root of one of its own.
pub fn joined(span: &Span, method: &str, route: &str, headers: &HeaderMap) {
    if PROVIDER.get().is_none() {
        return;
    }
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    span.record("otel.kind", "server");
    span.record("otel.name", format!("{method} {route}"));
    span.set_attribute("http.request.method", method.to_owned());
    span.set_attribute("http.route", route.to_owned());
    let id = span.context().span().span_context().trace_id();
    span.record("trace_id", tracing::field::display(id));
}

/// Says how a request ended, in its span, and which trace it was, in its answer.
pub fn answered(span: &Span, status: StatusCode, headers: &mut HeaderMap) {
    if PROVIDER.get().is_none() {
        return;
    }
    span.set_attribute("http.response.status_code", i64::from(status.as_u16()));
    if status.is_server_error() {
        span.set_status(Status::error(""));
    }
    let context = span.context();
    let span = context.span();
    let us = span.span_context();
    let text = format!("00-{}-{}-{:02x}", us.trace_id(), us.span_id(), us.trace_flags().to_u8());
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.insert(TRACERESPONSE, value);
    }
}
