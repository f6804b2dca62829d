import type { DomainName } from '../../lib/address.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { ArcChain } from './arc/chain.ts'
import { arcFields } from './arc/seal.ts'
import type { IndexedHeader } from './signature/header-input.ts'
import { privateKeyOf } from './signature/private-key.ts'
import { namesToSign } from './signature/sign.ts'

interface ToSeal {
  readonly indexed: IndexedHeader
  readonly chain: Exclude<ArcChain, { kind: 'broken' }>
  readonly bodyHash: Buffer
  readonly results: string
  /** Of the recipient: whose key seals. Mailu's rule. */
  readonly domain: DomainName
  readonly at: number
}

/** The three fields of ARC, CRLF-ended; empty where the recipient's domain has no key. */
export type Sealer = (toSeal: ToSeal) => Promise<string>

export function createSealer(keys: Pick<DkimKeys, 'signing'>): Sealer {
  return async ({ domain, ...sealing }) => {
    const signing = await keys.signing(domain)
    for (const { selector, pem } of signing) {
      const key = privateKeyOf(pem)
      if (key.asymmetricKeyType !== 'rsa') continue
      // RFC 8617 §4.1.2: the signatures that are there are worth keeping whole.
      const names = [...namesToSign(sealing.indexed), 'dkim-signature']
      return arcFields({ ...sealing, names, signer: { domain, selector, key } })
    }
    return ''
  }
}
