import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { preparePassword } from './password.ts'

/** What is kept of a password for SCRAM-SHA-256. */
export interface ScramVerifiers {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/**
 * RFC 7677 §4 asks for 4096 at least. Whoever steals the directory must work harder; a telephone does this in 0.1 s. Cyrus SASL
 * (mbsync and others) refuses more.
 */
export const scramIterations = 65_536
const saltBytes = 16
const keyBytes = 32
/** Those with more are made anew when the password is at hand: there are clients that would refuse them. */
const mostIterations = scramIterations

const derive = promisify(pbkdf2)

/** Of a password as the client will prepare it. About 40 ms on another thread. */
export async function makeVerifiers(
  password: string,
  { salt = randomBytes(saltBytes), iterations = scramIterations } = {},
): Promise<ScramVerifiers> {
  const salted = await derive(saslPrepared(password), salt, iterations, keyBytes, 'sha256')
  // RFC 5802 §3
  return {
    iterations,
    salt,
    storedKey: sha256(hmac(salted, 'Client Key')),
    serverKey: hmac(salted, 'Server Key'),
  }
}

/** What is kept beside the hash of a password. */
export async function scramOf(password: string): Promise<string> {
  return writeVerifiers(await makeVerifiers(preparePassword(password) ?? password))
}

/** RFC 5803 §2. */
export function writeVerifiers({ iterations, salt, storedKey, serverKey }: ScramVerifiers): string {
  const text = (bytes: Buffer) => bytes.toString('base64')
  return `SCRAM-SHA-256$${iterations}:${text(salt)}$${text(storedKey)}:${text(serverKey)}`
}

const form =
  /^SCRAM-SHA-256\$(?<iterations>\d{1,8}):(?<salt>[\dA-Za-z+/]{4,172}={0,2})\$(?<storedKey>[\dA-Za-z+/]{43}=):(?<serverKey>[\dA-Za-z+/]{43}=)$/

/** Undefined where there are none, or where the text is none. */
export function readVerifiers(text: string): ScramVerifiers | undefined {
  const groups = form.exec(text)?.groups
  const iterations = Number(groups?.['iterations'])
  if (!groups || iterations < 1 || iterations > mostIterations) return undefined
  const bytes = (name: string) => Buffer.from(groups[name] ?? '', 'base64')
  return { iterations, salt: bytes('salt'), storedKey: bytes('storedKey'), serverKey: bytes('serverKey') }
}

/** Of a name that nobody has: always the same, and never right. */
export function madeUpSalt(key: Buffer, login: string): Buffer {
  return createHmac('sha256', key).update(login).digest().subarray(0, saltBytes)
}

/**
 * What the proof says of the password: the same for the same guess, whatever the nonce. Right where it is the stored key.
 * RFC 5802 §3.
 */
export function storedKeyOf(proof: Buffer, storedKey: Buffer, authMessage: string): Buffer {
  const signature = hmac(storedKey, authMessage)
  return sha256(Buffer.from(signature.map((octet, at) => octet ^ (proof[at] ?? 0))))
}

export function serverSignature({ serverKey }: ScramVerifiers, authMessage: string): Buffer {
  return hmac(serverKey, authMessage)
}

/** RFC 3454 appendix B.1, which RFC 4013 §2.1 maps to nothing. */
const nothing = /[\u00ad\u1806\u2060\ufeff]|\u034f|[\u180b-\u180d]|[\u200b-\u200d]|[\ufe00-\ufe0f]/gu

/**
 * RFC 4013 §2: the one thing in which SCRAM's clients agree. For what people type it is what we store anyway; beyond that
 * it folds compatibility forms, and drops what cannot be seen.
 */
function saslPrepared(text: string): string {
  return text
    .replace(/\p{Zs}/gu, ' ')
    .replace(nothing, '')
    .normalize('NFKC')
}

const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
