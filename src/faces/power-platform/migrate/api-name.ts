/** Microsoft's certified connector, as files of the Power Platform and of Azure name it. */
export const CERTIFIED = 'shared_pipedrive'
/** Azure's ids stay below 2,000 characters, expressions of templates in practice too. */
const LONGEST_ID = 4_000

/** The certified connector in Azure has no prefix. */
const withoutPrefix = (name: string): string => name.replace(/^shared_/i, '')
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The name of a connector in the Power Platform, from its name or its id, or the error that says what such a one looks like. */
export function powerName(given: string): string {
  const name = given.trim().replace(/^\/providers\/Microsoft\.PowerApps\/apis\//i, '')
  if (/^shared_[\w.-]+$/i.test(name)) return name
  throw new Error(
    `${JSON.stringify(given)} names no connector of the Power Platform. It begins with shared_, like shared_new-5fdealbridge-5f1a2b3c4d5e: ` +
      'open the custom connector in Power Automate, and it is the last part of the address.',
  )
}

/** `value` with the one connector exchanged for the other, be it its name or an id that begins with its id; undefined where it is something else. */
export function exchangePower(value: string, from: string, to: string): string | undefined {
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

/** Whether an id in a Logic App, written out or as an expression of a template, is that of the connector `name`, or is `name` itself where that is an id. */
export function isAzure(value: string | undefined, name: string): boolean {
  if (value === undefined || value.length > LONGEST_ID) return false
  if (/^[/[]/.test(name)) return same(value, name)
  // Written out, glued together by concat, or an argument of resourceId: the kind comes first, the name last.
  const short = escape(withoutPrefix(name))
  const kind = same(name, CERTIFIED) ? 'managedApis' : 'customApis'
  return new RegExp(`${kind}(?:/|/?'\\s*,(?:.*,)?\\s*'/?)${short}'?[)\\]\\s]*$`, 'i').test(value)
}

/** An AzurePlace is what a file gives away of where its Logic App lives. */
export interface AzurePlace {
  /** Whether expressions in brackets are evaluated there. */
  isTemplate: boolean
  /** The id of a connection, whose resource group is that of the Logic App. */
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

/** Where a text names the connector as a program would read it, not merely as a name somebody chose. */
export function mentions(text: string, name: string): boolean {
  const short = escape(withoutPrefix(name.split('/').at(-1)!))
  return new RegExp(`(?:/apis/shared_|managedApis/|customApis/|/apim/)${short}(?![\\w-])`, 'i').test(text)
}

/** What `to` is called, whether it was given as a name, as an id or as an expression of a template. */
export const lastName = (to: string): string => /([^/'",\s]+)'?[)\]\s]*$/.exec(to)?.[1] ?? to
