import { CERTIFIED } from './certified.ts'
import { UNKNOWN } from './expression.ts'

/** Azure's ids stay below 2,000 characters, and in practice so do the expressions of templates. */
const LONGEST_ID = 4_000

/** The certified connector in Azure has no prefix. */
const withoutPrefix = (name: string): string => name.replace(/^shared_/i, '')
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The name of a connector in the Power Platform, from its name or its id, or an error with an example. */
export function powerName(given: string): string {
  const name = given.trim().replace(/^\/providers\/Microsoft\.PowerApps\/apis\//i, '')
  if (/^shared_[\w.-]+$/i.test(name)) return name
  throw new Error(
    `${JSON.stringify(given)} names no connector of the Power Platform. It begins with shared_, like shared_new-5fdealbridge-5f1a2b3c4d5e: ` +
      'open the custom connector in Power Automate, and it is the last part of the address.',
  )
}

/** `value` with the connector replaced, if it is the connector's name or an id that begins with its id; otherwise undefined. */
export function exchangePower(value: string, from: string, to: string): string | undefined {
  if (value.length > LONGEST_ID) return undefined
  if (same(value, from)) return to
  const [, before, name, after] = /^(.*\/providers\/Microsoft\.PowerApps\/apis\/)([^/]+)(\/.*)?$/i.exec(value) ?? []
  return name !== undefined && same(name, from) ? `${before}${to}${after ?? ''}` : undefined
}

export const isPower = (value: string | undefined, name: string): boolean =>
  value !== undefined && exchangePower(value, name, name) !== undefined

/** The short form of a name, which flow packages have beside the long one. */
export function exchangeShort(value: string, from: string, to: string): string | undefined {
  return same(value, withoutPrefix(from)) ? withoutPrefix(to) : undefined
}

/** The connector that a connection of the Power Platform identifies by its id or name; undefined if the text is neither. */
export function powerConnector(value: string | undefined): string | undefined {
  if (value === undefined || value.length > LONGEST_ID) return undefined
  return /(?:^|\/providers\/Microsoft\.PowerApps\/apis\/)(shared_[\w.-]+)$/i.exec(value)?.[1]
}

/** Whether an id in a Logic App is that of the connector `name`, or is `name` itself if that is an id; undefined if it is unknown. The expressions in `text` are evaluated. */
export function isAzure({ raw, text }: { raw: string; text: string }, name: string): boolean | undefined {
  if (/^[/[]/.test(name) && (same(raw, name) || same(text, name))) return true
  const kind = same(name, CERTIFIED) || /managedApis/i.test(name) ? 'managedApis' : 'customApis'
  const [, foundKind, found] = /\/(managedApis|customApis)\/([^/]+)\/?$/i.exec(text) ?? []
  if (found === undefined || found.includes(UNKNOWN)) return undefined
  if (!same(foundKind!, kind) || !same(found, withoutPrefix(lastName(name)))) return false
  // In a whole id, the same name in another subscription is another connector.
  return !/^[/[]/.test(name) || text.includes(UNKNOWN) || name.includes('(')
}

/** An AzurePlace is what a file says about the location of its Logic App. */
export interface AzurePlace {
  /** Whether the file may contain expressions in brackets. */
  isTemplate: boolean
  /** The id of a connection; its resource group is that of the Logic App. */
  connectionId?: string | undefined
}

/** The id by which a Logic App names the connector `to`. */
export function azureId(to: string, { isTemplate, connectionId }: AzurePlace): string {
  if (/^[/[]/.test(to)) return to
  if (!/^[\w.()-]+$/.test(to) || /^shared_/i.test(to))
    throw new Error(
      `${JSON.stringify(to)} names no Logic Apps custom connector. Give the name of its resource, like dealbridge, or its id, ` +
        'like /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/customApis/dealbridge.',
    )
  if (isTemplate) return `[resourceId('Microsoft.Web/customApis', '${to}')]`
  const [, group] =
    /^(\/subscriptions\/[^/]+\/resourceGroups\/[^/]+)\/providers\/Microsoft\.Web\/connections\//i.exec(connectionId ?? '') ?? []
  if (group === undefined)
    throw new Error(
      'The file does not say in which resource group it is. Give --to the whole id: /subscriptions/…/resourceGroups/…/providers/Microsoft.Web/customApis/…',
    )
  return `${group}/providers/Microsoft.Web/customApis/${to}`
}

/** Finds where a text contains the connector's name as a program reads it, not in a name that a person chose. */
export function mentions(name: string): (text: string) => boolean {
  const pattern = new RegExp(`(?:/apis/shared_|managedApis/|customApis/|/apim/)${escape(shortName(name))}(?![\\w-])`, 'i')
  return (text) => pattern.test(text)
}

/** Finds the connector's name as part of any identifier: `shared_pipedrive-1`, `'pipedrive'`, `pipedrive_id`. Not in a sentence about Pipedrive. */
export function resembles(name: string): (text: string) => boolean {
  const pattern = new RegExp(`(?:^|['"/_-])${escape(shortName(name))}(?:$|['"/_-])`, 'i')
  return (text) => pattern.test(text)
}

/** `shared_pipedrive` and `…/managedApis/pipedrive` → pipedrive */
export const shortName = (name: string): string => withoutPrefix(lastName(name))

/** The name of `to`, which may be a name, an id or an expression of a template. */
export const lastName = (to: string): string => /([^/'",\s]+)'?[)\]\s]*$/.exec(to)?.[1] ?? to
