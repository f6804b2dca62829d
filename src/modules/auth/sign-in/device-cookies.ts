import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Address } from '../../../lib/address.ts'

const nonceBytes = 9
const signatureBytes = 12
/** A login, a nonce and a signature, as Mailu writes them. */
const form = /^(?<login>[^$]{1,320})\$(?<nonce>[\w-]{12})\$(?<signature>[\w-]{16})$/

export function issueDeviceCookie(key: Buffer, login: Address): string {
  const nonce = randomBytes(nonceBytes).toString('base64url')
  return `${login}$${nonce}$${sign(key, login, nonce).toString('base64url')}`
}

/** The nonce, which is the name of the device, of a cookie that was issued for this login. */
export function deviceOf(key: Buffer, cookie: string, login: Address): string | undefined {
  const { login: issuedFor, nonce = '', signature = '' } = form.exec(cookie)?.groups ?? {}
  if (issuedFor !== login) return undefined
  const given = Buffer.from(signature, 'base64url')
  return timingSafeEqual(given, sign(key, login, nonce)) ? nonce : undefined
}

function sign(key: Buffer, login: Address, nonce: string): Buffer {
  const digest = createHmac('sha256', key).update(`device_cookie|${login}|${nonce}`).digest()
  return digest.subarray(-signatureBytes)
}
