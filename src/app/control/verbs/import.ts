import { chosen } from '../../import-mailu/environment.ts'
import { importMailu } from '../../import-mailu/import-mailu.ts'
import type { Installation } from '../../import-mailu/installation.ts'
import type { Kind } from '../../settings/kinds.ts'
import { postmasterOf } from '../../settings/parts.ts'
import { flag, mailuFolder, type Verb, verb } from '../verb.ts'

/** What the command line of this very version read. */
const installation: Kind<Installation> = {
  expected: 'what the command line read of a Mailu',
  read: (text) => {
    try {
      const value = JSON.parse(text) as Partial<Installation> | null
      return typeof value?.rows === 'object' ? { value: value as Installation } : undefined
    } catch {
      return undefined
    }
  },
}

export const importVerbs: Readonly<Record<string, Verb>> = {
  'import mailu': verb({
    summary:
      'Takes over what a Mailu knows: domains, users with their passwords, aliases, app tokens, DKIM keys, Sieve scripts',
    takes: {
      directory: mailuFolder(
        installation,
        'The folder that has data/main.db, dkim/ and mail/, or main.db itself',
      ),
      update: flag('What is here already becomes as it is in Mailu, passwords too'),
      'dry-run': flag('Changes nothing, and only tells what would be done'),
    },
    run: ({ admin, secrets, dkimKeys, hashes, scripts, settings }, values) =>
      importMailu(
        { reader: admin, writer: admin, secrets, dkim: dkimKeys, hashes, scripts },
        values.directory,
        {
          postmaster: postmasterOf(settings),
          recipientDelimiter: settings.RECIPIENT_DELIMITER,
          dkimSelector: settings.DKIM_SELECTOR,
          environment: chosen(settings),
          update: values.update ?? false,
          dryRun: values['dry-run'] ?? false,
        },
      ),
  }),
}
