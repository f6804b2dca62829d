import { type OwnStsPolicy, stsPolicyText } from '../lib/sts-policy-text.ts'
import type { LocalDomains } from '../ports/addresses.ts'

const prefix = 'mta-sts.'

/** The policy of a domain of ours, asked for under the name that is its own. RFC 8461 §3.3. */
export async function stsPolicyFor(
  host: string,
  domains: LocalDomains,
  policy: OwnStsPolicy | undefined,
): Promise<string | undefined> {
  if (policy === undefined || !host.startsWith(prefix)) return undefined
  const isOurs = (await domains.list()).some((domain) => domain === host.slice(prefix.length))
  return isOurs ? stsPolicyText(policy) : undefined
}
