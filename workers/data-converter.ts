import { defaultPayloadConverter, type DataConverter, type Payload } from '@temporalio/common';
import { createPayloadCodec, parsePayloadKeys } from './payload-codec';

/**
 * How clients and workers write what goes to the Temporal server: plain, or encrypted when VAMG_PAYLOAD_KEYS holds keys, which must
 * be the same for all of them. Workflow IDs, names of steps and failure classes, and search attributes stay plain.
 * @throws VamgError BadConfig
 */
export function dataConverter(env: NodeJS.ProcessEnv = process.env): { readonly dataConverter?: DataConverter } {
  const text = env['VAMG_PAYLOAD_KEYS'] ?? '';
  if (text === '') return {};
  return { dataConverter: { payloadCodecs: [createPayloadCodec(parsePayloadKeys(text))], failureConverterPath: require.resolve('./encoding-failure-converter') } };
}

/** The value of a payload that the server gives out as it is, for example of a heartbeat; undefined when there is none. */
export async function readPayload<T>(payload: Payload | null | undefined): Promise<T | undefined> {
  if (payload === null || payload === undefined) return undefined;
  const codecs = dataConverter().dataConverter?.payloadCodecs ?? [];
  let decoded = [payload];
  for (const codec of codecs) decoded = await codec.decode(decoded);
  return defaultPayloadConverter.fromPayload<T | undefined>(decoded[0]!);
}
