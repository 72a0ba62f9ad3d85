/**
 * CBOR (RFC 8949), as much of it as the remote API speaks, written here because bounds matter more than features.
 *
 * A general decoder can be led by a few hostile bytes to build records, references and class instances from tags, or to
 * set memory aside for a length that was only declared. This one builds plain data, refuses tags, sets nothing aside
 * that the message does not hold, and counts what it builds.
 */
export { type DecodeLimits, decodeMessage, defaultLimits } from './decode.ts';
export { CborFloat, type EncodeOptions, encodeMessage } from './encode.ts';
