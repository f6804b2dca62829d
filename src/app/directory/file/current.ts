import type { DomainName } from '../../../lib/address.ts'
import type { DirectoryReader, DirectorySecrets } from '../../../ports/directory-reader.ts'
import type { DkimKeys } from '../../../ports/dkim-keys.ts'
import type { Current } from './planning.ts'
import { withoutScheme } from './read-secret.ts'

interface Sources {
  readonly admin: Pick<DirectoryReader, 'everything'>
  readonly secrets: DirectorySecrets
  readonly dkimKeys: Pick<DkimKeys, 'read'>
}

/** All there is, secrets included: what exports write, and imports compare with. */
export async function currentOf({ admin, secrets, dkimKeys }: Sources): Promise<Current> {
  const rows = await admin.everything()
  const keys: (readonly [DomainName, string])[] = []
  for (const { name } of rows.domains) {
    const pem = await dkimKeys.read(name)
    if (pem !== undefined) keys.push([name, pem])
  }
  return {
    rows,
    passwordHashes: bare(await secrets.passwords()),
    tokenHashes: bare(await secrets.tokens()),
    fetchPasswords: await secrets.fetches(),
    dkimKeys: new Map(keys),
  }
}

function bare<Key>(hashes: ReadonlyMap<Key, string>): ReadonlyMap<Key, string> {
  return new Map([...hashes].map(([key, hash]) => [key, withoutScheme(hash)]))
}
