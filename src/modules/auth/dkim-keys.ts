import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { domainToUnicode } from 'node:url'
import { promisify } from 'node:util'
import type { DomainName } from '../../lib/address.ts'
import { replaceFile } from '../../platform/files.ts'
import type { DkimKeys } from '../../ports/dkim-keys.ts'
import { refusal } from './admin/refusals.ts'
import type { Directory } from './directory/directory.ts'

interface DkimNeeds {
  readonly folder: string
  readonly selector: string
  readonly directory: Directory
}

/** Keys as files, where and as Mailu has them: `{domain}.{selector}.key` with the domain as people write it. */
export function createDkimKeys({ folder, selector, directory }: DkimNeeds): DkimKeys {
  const pathOf = (domain: string) => join(folder, `${domain}.${selector}.key`)
  const written = (domain: DomainName) => pathOf(domainToUnicode(domain))
  const read = async (domain: DomainName) => {
    const path = [written(domain), pathOf(domain)].find((file) => existsSync(file))
    const key = path === undefined ? undefined : readKey(readFileSync(path, 'utf8'))
    return key && pemOf(key)
  }
  const put = async (domain: DomainName, key: KeyObject) => {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    await replaceFile(written(domain), pemOf(key))
    return { kind: 'kept' } as const
  }
  return {
    read,
    async signing(domain) {
      const main = (await directory.snapshot()).mainDomains.get(domain)
      const pem = main && (await read(main))
      return pem === undefined ? undefined : { domain, selector, pem }
    },
    async put(domain, wanted) {
      if (wanted === 'generate')
        return put(domain, (await generate('rsa', { modulusLength: 2048 })).privateKey)
      const key = readKey(wanted.pem)
      return key
        ? put(domain, key)
        : refusal('invalid', `The DKIM key of ${domain} is no private key in PEM form.`)
    },
    async remove(domain) {
      await rm(written(domain), { force: true })
      await rm(pathOf(domain), { force: true })
    },
  }
}

const generate = promisify(generateKeyPair)

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** PEM as people paste it: in any wrapping, with or without its first and last line, PKCS #8 or the old PKCS #1. */
function readKey(text: string): KeyObject | undefined {
  const body = text.replace(/-----[^-]*-----/g, '').replace(/[^A-Za-z0-9+/=]/g, '')
  const der = Buffer.from(body, 'base64')
  for (const type of ['pkcs8', 'pkcs1'] as const) {
    try {
      const key = createPrivateKey({ key: der, format: 'der', type })
      if (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ed25519') return key
    } catch {
      // Not of this form.
    }
  }
  return undefined
}
