import type { KeyObject } from 'node:crypto'
import { headerInput, type IndexedHeader, signedFields } from '../signature/header-input.ts'
import { folded, signInput } from '../signature/sign.ts'
import type { ArcChain } from './chain.ts'
import { relaxedSet, sealInput } from './verify.ts'

export interface Sealing {
  readonly indexed: IndexedHeader
  /** SHA-256 of the relaxed body. */
  readonly bodyHash: Buffer
  /** One that holds, or none. */
  readonly chain: Exclude<ArcChain, { kind: 'broken' }>
  /** What we found, as in Authentication-Results: our name first. */
  readonly results: string
  readonly names: readonly string[]
  readonly signer: { readonly domain: string; readonly selector: string; readonly key: KeyObject }
  /** UTC milliseconds. */
  readonly at: number
}

/** The three fields of the next set, CRLF-ended, newest first. RFC 8617 §5.1. The key is RSA: no other is defined for seals. */
export async function arcFields(sealing: Sealing): Promise<string> {
  const { indexed, bodyHash, chain, names, signer, at } = sealing
  const before = chain.kind === 'chain' ? chain.sets : []
  const instance = before.length + 1
  const by = `d=${signer.domain};`
  const end = `i=${instance}; s=${signer.selector};\r\n t=${Math.floor(at / 1000)}`
  const results = `ARC-Authentication-Results: i=${instance}; ${sealing.results}`
  const unsigned = (signature: string) =>
    [
      `ARC-Message-Signature: a=rsa-sha256;\r\n b=${signature};\r\n bh=${bodyHash.toString('base64')};`,
      `c=relaxed/relaxed; ${by}\r\n h=${folded(names.join(':'), /[^:]+:?/g, ' ')};\r\n ${end}`,
    ].join(' ')
  const messageSignature = unsigned(
    await signed(headerInput(signedFields(indexed, names, 'relaxed'), unsigned(''), 'relaxed'), signer.key),
  )
  const unsealed = (signature: string) =>
    `ARC-Seal: a=rsa-sha256;\r\n b=${signature}; cv=${instance === 1 ? 'none' : 'pass'};\r\n ${by} ${end}`
  const input = sealInput([...before, { results, messageSignature, seal: unsealed('') }].map(relaxedSet))
  const seal = unsealed(await signed(input, signer.key))
  return `${seal}\r\n${messageSignature}\r\n${results}\r\n`
}

async function signed(input: Buffer, key: KeyObject): Promise<string> {
  return folded((await signInput(input, key)).toString('base64'), /.{1,70}/g, ' ')
}
