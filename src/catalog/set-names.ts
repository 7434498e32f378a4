/** The sets that operations belong to. Microsoft's hosts take 256 operations and 1 MB for one connector, so that a definition has some of them. */
export const SETS = ['deals', 'contacts', 'leads', 'activities', 'notes', 'products', 'settings'] as const
/** An OperationSet is one of them. */
export type OperationSet = (typeof SETS)[number]

/** The sets of a definition that says nothing about them. */
export const DEFAULT_SETS: readonly OperationSet[] = ['deals', 'contacts', 'leads', 'activities', 'notes']
