import { hash } from 'node:crypto'

export interface OwnStsPolicy {
  readonly mode: 'enforce' | 'testing'
  /** Of the servers that take our mail. */
  readonly mx: readonly string[]
}

/** RFC 8461 §3.2 wants weeks; a domain that changes its mind is believed after one. */
const maxAgeSeconds = 604_800

/** What stands behind `/.well-known/mta-sts.txt`. RFC 8461 §3.2. */
export function stsPolicyText({ mode, mx }: OwnStsPolicy): string {
  const lines = [
    'version: STSv1',
    `mode: ${mode}`,
    ...mx.map((name) => `mx: ${name}`),
    `max_age: ${maxAgeSeconds}`,
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

/** The record beside it: another policy has another id. RFC 8461 §3.1. */
export function stsRecord(policy: OwnStsPolicy): string {
  return `v=STSv1; id=${hash('sha256', stsPolicyText(policy)).slice(0, 20)};`
}
