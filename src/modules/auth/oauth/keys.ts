import type { OAuthClientSettings, OAuthKeys } from '../../../ports/oauth.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { Directory } from '../directory/directory.ts'
import { desc, gt, lte } from '../directory/drizzle.ts'
import { oauthKeys } from '../directory/schema.ts'
import { orLater } from '../directory/trouble.ts'
import type { Secrets } from '../secrets.ts'

type Algorithm = OAuthClientSettings['signing']
type Stored = typeof oauthKeys.$inferSelect
type Jwk = Readonly<Record<string, unknown>>

const algorithms: readonly Algorithm[] = ['RS256', 'ES256']
const dayMs = 86_400_000
/** A key signs for so long, and is told for a month more: what it signed ends within an hour. */
const signsMs = 90 * dayMs
const toldMs = signsMs + 30 * dayMs
/** Of EC keys and RSA keys. RFC 7518 §6 */
const publicMembers = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const

interface Needs {
  readonly directory: Directory
  readonly secrets: Pick<Secrets, 'seal' | 'unseal'>
  readonly issuer: string
  readonly clock: Clock
}

interface SigningKey {
  readonly id: string
  readonly jwk: Jwk
}

/** What ID tokens are signed with. Made when the first is asked for; all processes of one directory have the same. */
export class SigningKeys {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** RFC 7519, with what RFC 7515 §4.1.4 calls its key. */
  async sign(
    algorithm: Algorithm,
    claims: Jwk,
    times: { readonly at: number; readonly until: number },
  ): Promise<string> {
    const { SignJWT, importJWK } = await import('jose')
    const { id, jwk } = await this.#signing(algorithm)
    return new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, kid: id, typ: 'JWT' })
      .setIssuer(this.#needs.issuer)
      .setIssuedAt(Math.floor(times.at / 1000))
      .setExpirationTime(Math.floor(times.until / 1000))
      .sign(await importJWK(jwk, algorithm))
  }

  readonly port: OAuthKeys = {
    published: async () => {
      for (const algorithm of algorithms) await this.#signing(algorithm)
      return (await this.#usable()).map(publicJwk)
    },
    rotate: (actor) =>
      orLater(async () => {
        for (const algorithm of algorithms) await this.#make(algorithm)
        const { directory } = this.#needs
        await directory.writeQuietly((rows) =>
          rows.writeAudit([
            { at: rows.now(), actor, on: 'application', key: 'signing keys', did: 'modified', columns: [] },
          ]),
        )
        return { kind: 'rotated' } as const
      }),
    audienceOf: async (idToken) => {
      const { jwtVerify, createLocalJWKSet, errors } = await import('jose')
      try {
        const keys = createLocalJWKSet({ keys: (await this.#usable()).map(publicJwk) as { kty: string }[] })
        // It says who it was, not that he still is: it may have ended.
        const { payload } = await jwtVerify(idToken, keys, {
          issuer: this.#needs.issuer,
          algorithms: [...algorithms],
          clockTolerance: toldMs / 1000,
          currentDate: new Date(this.#needs.clock.now()),
        })
        return typeof payload.aud === 'string' ? payload.aud : undefined
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }

  /** The newest first. */
  async #usable(): Promise<readonly (Stored & { readonly jwk: Jwk })[]> {
    const { directory, secrets, clock } = this.#needs
    const rows = await directory.database.db
      .select()
      .from(oauthKeys)
      .where(gt(oauthKeys.createdAt, clock.now() - toldMs))
      .orderBy(desc(oauthKeys.createdAt), desc(oauthKeys.id))
    // What another secret has sealed is lost, and another one made.
    return rows.flatMap((row) => {
      const text = secrets.unseal(row.sealed)
      return text === undefined ? [] : [{ ...row, jwk: JSON.parse(text) as Jwk }]
    })
  }

  async #signing(algorithm: Algorithm): Promise<SigningKey> {
    const youngest = this.#needs.clock.now() - signsMs
    const found = (await this.#usable()).find(
      (key) => key.algorithm === algorithm && key.createdAt > youngest,
    )
    return found ?? (await this.#make(algorithm))
  }

  async #make(algorithm: Algorithm): Promise<SigningKey> {
    const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import('jose')
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const jwk = await exportJWK(privateKey)
    const { directory, secrets } = this.#needs
    const row = {
      id: await calculateJwkThumbprint(jwk),
      algorithm,
      sealed: secrets.seal(JSON.stringify(jwk)),
    }
    await directory.writeQuietly(async (rows) => {
      await rows.db.delete(oauthKeys).where(lte(oauthKeys.createdAt, rows.now() - toldMs))
      await rows.db.insert(oauthKeys).values({ ...row, createdAt: rows.now() })
    })
    return { id: row.id, jwk: jwk as Jwk }
  }
}

const publicJwk = ({ id, algorithm, jwk }: Stored & { readonly jwk: Jwk }): Jwk => ({
  ...Object.fromEntries(publicMembers.flatMap((name) => (name in jwk ? [[name, jwk[name]]] : []))),
  kid: id,
  alg: algorithm,
  use: 'sig',
})
