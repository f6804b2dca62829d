import { generateKeyPair, type KeyObject } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { DomainName } from '../../lib/address.ts'
import type { DkimKeys, StagedKey } from '../../ports/dkim-keys.ts'
import type { Clock } from '../../ports/runtime.ts'
import { refusal } from './admin/refusals.ts'
import type { Directory } from './directory/directory.ts'
import { type KeyFile, KeyFolder, pemOf, readKey } from './dkim-folder.ts'

interface DkimNeeds {
  /** Mailu's DKIM_PATH: `/data/dkim/{domain}.{selector}.key`. */
  readonly path: string
  readonly selector: string
  readonly directory: Directory
  readonly clock: Clock
}

/** Somebody may have put a file there by hand. */
const rememberedMs = 10_000

/** Keys as files, where and as Mailu has them: `{domain}.{selector}.key` with the domain as people write it. */
export function createDkimKeys({ path, selector, directory, clock }: DkimNeeds): DkimKeys {
  const place = new KeyFolder(path, selector)
  const remembered = new Map<DomainName, { readonly until: number; readonly files: readonly KeyFile[] }>()
  const signingFiles = (domain: DomainName) => {
    const known = remembered.get(domain)
    if (known && known.until > clock.now()) return known.files
    const files = place.files(domain).filter(({ stage }) => stage === 'signing')
    remembered.set(domain, { until: clock.now() + rememberedMs, files })
    return files
  }
  const mainOf = async (domain: DomainName) => (await directory.snapshot()).mainDomains.get(domain)
  async function all(domain: DomainName): Promise<readonly StagedKey[]> {
    const main = await mainOf(domain)
    const files = main === undefined ? [] : place.files(main)
    return files.map((file) => ({
      domain,
      selector: file.selector,
      pem: file.pem,
      stage: file.stage,
      since: file.since,
    }))
  }
  async function replaceSigning(domain: DomainName, key: KeyObject, under: string) {
    const had = place
      .files(domain)
      .filter(({ stage, type }) => stage === 'signing' && type === key.asymmetricKeyType)
    if (had.some(({ pem }) => pem === pemOf(key))) return
    await place.write(domain, under, 'signing', key)
    for (const { path: old } of had)
      if (old !== place.path(domain, under, 'signing')) await rm(old, { force: true })
  }
  return {
    all,
    async signing(domain) {
      const main = await mainOf(domain)
      const files = main === undefined ? [] : signingFiles(main)
      return files.map((file) => ({ domain, selector: file.selector, pem: file.pem }))
    },
    read: async (domain) => place.files(domain).find(({ stage }) => stage === 'signing')?.pem,
    async put(domain, wanted) {
      remembered.delete(domain)
      if (wanted === 'generate') {
        const [rsa, ed25519] = await newPair()
        await replaceSigning(domain, rsa, selector)
        await replaceSigning(domain, ed25519, `${selector}${edSuffix}`)
        return { kind: 'kept' }
      }
      const key = readKey(wanted.pem)
      if (!key) return refusal('invalid', `The DKIM key of ${domain} is no private key in PEM form.`)
      await replaceSigning(domain, key, selector)
      return { kind: 'kept' }
    },
    ...staging({ place, clock, all, changed: (domain) => remembered.delete(domain) }),
    async remove(domain) {
      remembered.delete(domain)
      for (const file of place.named(domain)) await rm(file.path, { force: true })
    },
  }
}

interface Staging {
  readonly place: KeyFolder
  readonly clock: Clock
  readonly all: DkimKeys['all']
  readonly changed: (domain: DomainName) => void
}

/** How one pair of keys takes the place of another: prepared and published, signing, retired, gone. */
function staging({ place, clock, all, changed }: Staging): Pick<DkimKeys, 'prepare' | 'advance' | 'forget'> {
  return {
    async prepare(domain) {
      const files = place.files(domain)
      if (!files.some(({ stage }) => stage === 'next')) {
        const [rsa, ed25519] = await newPair()
        const free = place.freeSelector(files, clock.now())
        await place.write(domain, free, 'next', rsa)
        await place.write(domain, `${free}${edSuffix}`, 'next', ed25519)
      }
      return (await all(domain)).filter(({ stage }) => stage === 'next')
    },
    async advance(domain) {
      const files = place.files(domain)
      const next = files.filter(({ stage }) => stage === 'next')
      if (next.length === 0)
        return refusal('invalid', `${domain} has no keys that wait to sign; prepare them first.`)
      // The new ones first: a crash in between leaves both signing.
      for (const file of next) await place.move(domain, file, 'signing', clock.now())
      for (const file of files.filter(({ stage }) => stage === 'signing'))
        await place.move(domain, file, 'retired', clock.now())
      changed(domain)
      return { kind: 'kept' }
    },
    async forget(domain) {
      const retired = place.files(domain).filter(({ stage }) => stage === 'retired')
      for (const file of retired) await rm(file.path, { force: true })
      return retired.map((file) => file.selector)
    },
  }
}

/** Mailu knows one key; the second has a selector of its own, because verifiers look a selector up for one key. RFC 8463 §3. */
const edSuffix = '-ed25519'

const generate = promisify(generateKeyPair)

async function newPair(): Promise<readonly [KeyObject, KeyObject]> {
  const rsa = await generate('rsa', { modulusLength: 2048 })
  return [rsa.privateKey, (await generate('ed25519')).privateKey]
}
