import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { en } from '../../../catalog/locales/en.ts'
import { ja } from '../../../catalog/locales/ja.ts'
import { readSets } from '../../../catalog/sets.ts'
import { DEFAULT_SETS, SETS } from '../../../catalog/set-names.ts'
import type { Command } from '../../../kit/command.ts'
import { version } from '../../../kit/version.ts'
import type { Auth } from '../../openapi/security.ts'
import { packageFiles } from './package-files.ts'
import { isPrivateHost } from './private-host.ts'

const LOCALES = { en, ja }
const AUTHS: readonly Auth[] = ['key', 'basic']

/** `package`: the files with which a maker imports the connector into a tenant. */
export const packageCommand: Command = {
  name: 'package',
  description: 'write the files that bring the connector into Power Automate, Power Apps, Logic Apps and Copilot Studio',
  prints: 'the names of the files',
  options: [
    { flags: '--host <host>', description: 'host at which the cloud reaches the connector, such as connector.example.com (required)' },
    {
      flags: '--auth <kind>',
      description: 'how the connection authenticates: key, or basic for the on-premises data gateway',
      default: 'key',
    },
    { flags: '--locale <language>', description: 'language of the texts: en or ja', default: 'en' },
    {
      flags: '--sets <names>',
      description: `which operations the connector has: some of ${SETS.join(', ')}, or all`,
      default: DEFAULT_SETS.join(','),
    },
    { flags: '-o, --out <folder>', description: 'folder for the files', default: 'dealbridge-package' },
  ],
  async run({ host, auth, locale, out, sets }) {
    const url = urlOf(host)
    const kind = AUTHS.find((known) => known === (auth ?? 'key'))
    if (kind === undefined) throw new Error(`--auth is key or basic, not ${auth}`)
    const texts = Object.entries(LOCALES).find(([name]) => name === (locale ?? 'en'))?.[1]
    if (texts === undefined) throw new Error(`--locale is en or ja, not ${locale}`)
    const folder = out || 'dealbridge-package'
    const files = packageFiles({ url, auth: kind, locale: texts, version, sets: readSets(sets) })
    await mkdir(folder, { recursive: true })
    await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
    process.stdout.write(
      `Written to ${folder}:\n${Object.keys(files)
        .map((name) => `  ${name}\n`)
        .join('')}${warning(url, kind)}`,
    )
  },
}

/** The files are still written: in the cloud the name may resolve to another host, or to a virtual network of the tenant. */
const warning = (url: string, auth: Auth): string =>
  auth === 'basic' || !isPrivateHost(new URL(url).hostname)
    ? ''
    : `Warning: the cloud does not reach ${new URL(url).hostname} on the public internet. Give a public name, or use the on-premises data gateway with --auth basic. ` +
      'In an environment with a virtual network the connector is reached without either.\n'

/** The cloud calls only https URLs; a path may follow the host. */
function urlOf(host: string | undefined): string {
  if (!host) throw new Error('--host is missing: the name by which the cloud reaches the connector, like connector.example.com')
  const text = host.replace(/^https:\/\//i, '')
  const mistake = new Error(`--host is a host that the cloud reaches by https, like connector.example.com, not ${host}`)
  if (!/^[a-z0-9.-]+(?::\d+)?(?:\/[\w./~-]*)?$/i.test(text) || !URL.canParse(`https://${text}`)) throw mistake
  return new URL(`https://${text}`).href.replace(/\/$/, '')
}
