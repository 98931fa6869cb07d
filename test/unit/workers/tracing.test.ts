import { startTracing } from '../../../workers/tracing/tracing';

jest.mock('../../../workers/tracing/open-telemetry', () => {
  throw Object.assign(new Error("Cannot find module '@opentelemetry/api'"), { code: 'MODULE_NOT_FOUND' });
});

const service = { service: 'x' };
const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

describe('tracing', () => {
  it.each([[{}], [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }], [{ ...endpoint, OTEL_SDK_DISABLED: 'true' }]])('is off, and loads nothing, with %j', (env) => expect(startTracing(service, env)).toBeNull());

  it('says what is missing when the optional packages are not there', () => {
    expect(() => startTracing(service, endpoint)).toThrow(expect.objectContaining({ failure: 'SetupMissing', message: expect.stringContaining('optional packages') as unknown }) as Error);
  });

  it('refuses gRPC in one sentence', () => {
    expect(() => startTracing(service, { ...endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow(expect.objectContaining({ failure: 'BadConfig', message: expect.stringContaining('4318') as unknown }) as Error);
  });
});
