/** Files that were written before the word list and still have words of it. Remove an entry when its files are clean; add none. */
export const notYetClean: readonly string[] = [
  'docs/{migrate,operation}.md',
  'sandbox/src/**',
  'src/adapters/power-platform/**',
  'src/app.ts',
  'src/{config,connections,delivery,doctor,engine,kit,pipedrive,store}/**',
  '{bench,test}/**',
]
