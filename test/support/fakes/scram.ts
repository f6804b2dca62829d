import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { Address } from '../../../src/lib/address.ts'
import type { AccountId } from '../../../src/ports/accounts.ts'
import type { ScramVerifier } from '../../../src/ports/credentials.ts'

const salt = Buffer.from('a salt that everybody has')
const iterations = 4096
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const xor = (a: Buffer, b: Buffer) => Buffer.from(a.map((octet, at) => octet ^ (b[at] ?? 0)))

/** Everybody has the same password; the arithmetic is RFC 5802 §3's. */
export function createFakeScram(
  password: string,
  find: (login: string) => { account: AccountId; address: Address } | undefined,
): ScramVerifier {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const storedKey = createHash('sha256').update(hmac(salted, 'Client Key')).digest()
  return {
    begin: async () => ({ kind: 'offer', salt: salt.toString('base64'), iterations }),
    finish: async ({ login, authMessage, proof }) => {
      const key = xor(Buffer.from(proof, 'base64'), hmac(storedKey, authMessage))
      const isRight = createHash('sha256').update(key).digest().equals(storedKey)
      const found = find(login)
      if (!found || !isRight) return { kind: 'refused', reason: 'wrong-secret' }
      const serverSignature = hmac(hmac(salted, 'Server Key'), authMessage).toString('base64')
      return { kind: 'accepted', ...found, with: 'password', serverSignature }
    },
  }
}

/** A client's side: gives what it says first, and then what it answers. */
export function scramClient({
  login,
  password,
  gs2 = 'n,,',
  bound = Buffer.alloc(0),
}: {
  login: string
  password: string
  gs2?: string
  bound?: Uint8Array
}) {
  const bare = `n=${login},r=rOprNGfwEbeRWgbNEkqO`
  return {
    first: `${gs2}${bare}`,
    final(serverFirst: string): { answer: string; expected: string } {
      const {
        r = '',
        s = '',
        i = '',
      } = Object.fromEntries(serverFirst.split(',').map((each) => [each[0] ?? '', each.slice(2)]))
      const salted = pbkdf2Sync(password, Buffer.from(s, 'base64'), Number(i), 32, 'sha256')
      const clientKey = hmac(salted, 'Client Key')
      const withoutProof = `c=${Buffer.concat([Buffer.from(gs2), bound]).toString('base64')},r=${r}`
      const message = `${bare},${serverFirst},${withoutProof}`
      const signature = hmac(createHash('sha256').update(clientKey).digest(), message)
      return {
        answer: `${withoutProof},p=${xor(clientKey, signature).toString('base64')}`,
        expected: `v=${hmac(hmac(salted, 'Server Key'), message).toString('base64')}`,
      }
    },
  }
}
