import type { DomainName } from '../../lib/address.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import type { DkimKeyFile, Finding } from './installation.ts'

export interface DkimPlan {
  readonly put: readonly DkimKeyFile[]
  readonly unchanged: number
  readonly findings: readonly Finding[]
}

/** Of each domain the key of `selector`; where it has only another one, that. */
export async function planDkim(
  files: readonly DkimKeyFile[],
  keys: Pick<DkimKeys, 'read'>,
  { selector, update }: { readonly selector: string; readonly update: boolean },
): Promise<DkimPlan> {
  const put: DkimKeyFile[] = []
  const findings: Finding[] = []
  let unchanged = 0
  for (const [domain, all] of Map.groupBy(files, (file) => file.domain)) {
    const chosen = choose(domain, all, selector, findings)
    if (chosen === undefined) continue
    const here = await keys.read(domain)
    if (here?.trim() === chosen.pem.trim()) unchanged++
    else if (here === undefined || update) put.push(chosen)
    else findings.push({ what: 'different here', on: `DKIM key of ${domain}`, text: 'another key' })
  }
  return { put, unchanged, findings }
}

function choose(
  domain: DomainName,
  files: readonly DkimKeyFile[],
  selector: string,
  findings: Finding[],
): DkimKeyFile | undefined {
  const wanted =
    files.find((file) => file.selector === selector) ?? (files.length === 1 ? files[0] : undefined)
  const left = files.filter((file) => file !== wanted)
  for (const file of left) {
    const text =
      wanted === undefined ? `none has the selector ${selector}; set DKIM_SELECTOR` : `${selector} is used`
    findings.push({ what: 'key of nobody', on: `${domain}.${file.selector}.key`, text })
  }
  if (wanted !== undefined && wanted.selector !== selector) {
    const text = `its key is published as ${wanted.selector}._domainkey; set DKIM_SELECTOR=${wanted.selector}`
    findings.push({ what: 'selector', on: domain, text })
  }
  return wanted
}
