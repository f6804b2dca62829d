import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { makeFolder, replaceFile } from '../../platform/files.ts'
import { UnusableFile } from '../../platform/sqlite/failure.ts'

/**
 * The one secret of this server, and what is derived from it. SECRET_KEY where it is set, derived as Mailu does it, so that
 * what Mailu gave out stays good; otherwise `secret.key` in the data folder, made at the first start. Usable once opened.
 */
export class Secrets {
  readonly #path: string
  readonly #secretKey: string | undefined
  #fileKey: string | undefined

  constructor(dataDir: string, secretKey: string | undefined) {
    this.#path = join(dataDir, 'secret.key')
    this.#secretKey = secretKey
  }

  /** At start, and not when the first one signs in: the disk may be full by then. */
  async open(): Promise<void> {
    if (this.#secretKey === undefined && !existsSync(this.#path)) {
      makeFolder(dirname(this.#path))
      await replaceFile(this.#path, `${randomBytes(32).toString('hex')}\n`)
    }
    if (!existsSync(this.#path)) return
    this.#fileKey = readFileSync(this.#path, 'utf8').trim()
    if (this.#fileKey === '')
      throw new UnusableFile(`${this.#path} is empty: bring it back from a backup, or remove it`)
  }

  /** 32 bytes for one purpose. */
  derive(label: string): Buffer {
    const secret = this.#secretKey ?? this.#fileKey
    if (secret === undefined) throw new Error('the secrets are not open')
    return derived(secret, label)
  }

  /** For texts that have to be read again: passwords for other servers. */
  seal(text: string): string {
    const key = this.derive(sealing)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return `1.${sealed.toString('base64')}`
  }

  /** Undefined where it was sealed with a key that is not here any more. */
  unseal(sealed: string): string | undefined {
    for (const secret of [this.#secretKey, this.#fileKey]) {
      const text = secret === undefined ? undefined : unsealed(sealed, derived(secret, sealing))
      if (text !== undefined) return text
    }
    return undefined
  }
}

const sealing = 'SEALED_PASSWORDS'
const tagBytes = 16
const nonceBytes = 12

/** Mailu's admin keeps SECRET_KEY as this hexadecimal text, and derives from that. */
function derived(secretKey: string, label: string): Buffer {
  const secret = createHmac('sha256', secretKey).update('SECRET').digest('hex')
  return createHmac('sha256', secret).update(label).digest()
}

function unsealed(sealed: string, key: Buffer): string | undefined {
  const bytes = Buffer.from(sealed.slice('1.'.length), 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
    decipher.setAuthTag(bytes.subarray(-tagBytes))
    return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    // Another key sealed it, or it is cut.
    return undefined
  }
}
