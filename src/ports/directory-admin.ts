import type { DirectoryLists } from './directory-lists.ts'
import type { DirectoryReader } from './directory-reader.ts'
import type { DirectoryWriter } from './directory-writer.ts'

/** What the command line, the admin pages and the API work with. */
export interface DirectoryAdmin extends DirectoryReader, DirectoryLists, DirectoryWriter {}
