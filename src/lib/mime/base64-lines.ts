import { asBuffer } from './octets.ts'

/** Lines of 76 letters, the last without its end. RFC 2045 §6.8. */
export function base64Lines(octets: Uint8Array): string {
  return asBuffer(octets)
    .toString('base64')
    .replace(/.{76}(?=.)/g, '$&\r\n')
}
