import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isLoopback } from '../kit/is-loopback.ts'
import { loadKeyRing } from '../kit/key-ring.ts'
import { readSecretFile } from '../kit/secret-file.ts'
import { findingsOf, errorText, type Finding, type DoctorContext } from './finding.ts'

const RESTORE_IT = 'Restore it from a backup: without it the stored Pipedrive keys cannot be opened and running triggers begin anew.'

/** The keys that trigger states are signed and Pipedrive keys are sealed with: there, readable by the server alone, well-formed. */
export async function checkKeyRing({ config }: DoctorContext): Promise<Finding> {
  const { ok, problem } = findingsOf('key ring')
  const file = join(config.dataDir, 'keys')
  const place = config.keys ? 'DEALBRIDGE_KEYS' : file
  if (!config.keys && !existsSync(file)) {
    // A new ring would be made in silence, and open nothing of it.
    if (config.store?.kind === 'embedded' && existsSync(config.store.folder))
      return problem(`${file} is missing, and the store in ${config.store.folder} was sealed with it`, RESTORE_IT)
    if (isLoopback(config.hostname)) return ok(`${file} is not there yet; the first start makes it`)
  }
  try {
    const { ids, signingId } = await loadKeyRing({ env: config.keys, dataDir: config.dataDir, create: false })
    const older = ids.length === 1 ? 'one key' : `${ids.length} keys, the first signs`
    return ok(`${place}: ${older} ("${signingId}")`)
  } catch (error) {
    const todo = existsSync(file) && !config.keys ? `Mend the file, or: ${RESTORE_IT}` : 'Do what it says, the same on every server.'
    return problem(errorText(error), todo)
  }
}

/** The token of the owner `admin`. Without a store there is nothing that it could open. */
export function checkAdminToken({ config }: DoctorContext): Finding {
  const { ok, problem } = findingsOf('admin token')
  if (!config.store) return ok('needed for nothing with --store none')
  if (config.adminToken) return ok('the one in DEALBRIDGE_ADMIN_TOKEN')
  const file = join(config.dataDir, 'admin-token')
  try {
    const found = readSecretFile(file, 'use and change every connection of this server')
    if (!found) return ok(`${file} is not there yet; the first start makes it`)
    if (found.text.trim() !== '') return ok(`in ${file}`)
    return problem(`${file} is empty`, 'Remove it, then the next start makes a new one; or set DEALBRIDGE_ADMIN_TOKEN.')
  } catch (error) {
    return problem(errorText(error), 'If others may have read it: remove the file and restart the server, which makes a new token.')
  }
}
