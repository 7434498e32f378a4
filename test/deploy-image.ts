import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { contextFilter, copy, readDockerfile, stepsOf, variablesOf, type Stage } from './deploy-files.ts'

/** An Image is what deploy/Dockerfile makes, unpacked into a folder. */
export interface Image {
  /** In the place of `/`. */
  folder: string
  /** Without what the variables of a container add. */
  env: Record<string, string>
  /** ENTRYPOINT and CMD, as one command. */
  command: string[]
  healthcheck: string[]
  stage: Stage
}

const inFolder = (text: string, folder: string): string => text.replaceAll(/(^|\s|=)\/(?=\w)/g, `$1${folder}/`)

/** Runs the steps of a Dockerfile without Docker. Each stage has its own folder below `work`, as the root of its image. */
export function buildImage(root: string, work: string): Image {
  const stages = readDockerfile(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8'))
  const passes = contextFilter(readFileSync(join(root, '.dockerignore'), 'utf8'))
  const folderOf = (name: string) => join(work, name || 'image')
  for (const stage of stages) {
    const folder = folderOf(stage.name)
    // The base image has it.
    mkdirSync(join(folder, 'usr/local/bin'), { recursive: true })
    let workdir = '/'
    for (const { verb, text } of stage.steps) {
      if (verb === 'WORKDIR') workdir = posix.resolve(workdir, text)
      const from = verb === 'COPY' ? /^--from=(\S+)/.exec(text)?.[1] : undefined
      if (from) copy(text, folderOf(from), () => true, folder, workdir)
      else if (verb === 'COPY') copy(text, root, passes, folder, workdir)
      else if (verb === 'RUN') run(text, root, folder, join(folder, workdir))
    }
  }
  const stage = stages.at(-1)!
  const folder = folderOf(stage.name)
  const env = Object.fromEntries(Object.entries(variablesOf(stage)).map(([name, value]) => [name, inFolder(value, folder)]))
  const words = (text: string) => (JSON.parse(text) as string[]).map((word) => inFolder(word, folder))
  const command = [...stepsOf(stage, 'ENTRYPOINT'), ...stepsOf(stage, 'CMD')].flatMap(words)
  const healthcheck = JSON.parse(/CMD (\[.*\])$/.exec(stepsOf(stage, 'HEALTHCHECK')[0]!)![1]!) as string[]
  return { folder, env, command, healthcheck, stage }
}

/** Installing takes minutes and a registry, so what is installed here takes its place. Everything else is run as it stands. */
function run(text: string, root: string, folder: string, cwd: string): void {
  if (text === 'npm ci') linkDependencies(root, cwd)
  else if (text === 'npm ci --omit=dev') installForProduction(root, cwd)
  // Only root can give a folder away.
  else inShell(inFolder(text, folder).replaceAll(/ -[og] \d+/g, ''), cwd)
}

function inShell(command: string, cwd: string): void {
  const { status, stdout, stderr } = spawnSync('sh', ['-euc', command], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`RUN ${command}: ${stdout}${stderr}`)
}

/** The packages that are here, and the workspace's own package where this stage has it. */
function linkDependencies(root: string, cwd: string): void {
  const [from, to] = [join(root, 'node_modules'), join(cwd, 'node_modules')]
  mkdirSync(to)
  for (const name of readdirSync(from)) if (name !== '@dealbridge') symlinkSync(join(from, name), join(to, name))
  mkdirSync(join(to, '@dealbridge'))
  symlinkSync('../../sandbox', join(to, '@dealbridge/sandbox'))
}

interface LockFile {
  packages: Record<string, { dev?: boolean; devOptional?: boolean; link?: boolean }>
}

/** By copies, not links: Node would follow a link into the folder that has the tools of the developers too. */
function installForProduction(root: string, cwd: string): void {
  const { packages } = JSON.parse(readFileSync(join(cwd, 'package-lock.json'), 'utf8')) as LockFile
  const wanted = Object.keys(packages).filter(
    (path) => path.startsWith('node_modules/') && !packages[path]!.dev && !packages[path]!.devOptional,
  )
  for (const path of wanted) {
    mkdirSync(join(cwd, dirname(path)), { recursive: true })
    if (packages[path]!.link) {
      symlinkSync('../../sandbox', join(cwd, path))
      continue
    }
    try {
      cpSync(join(root, path), join(cwd, path), {
        recursive: true,
        filter: (from) => !from.slice(root.length + path.length + 1).includes('/node_modules'),
      })
    } catch (error) {
      // An optional one for another machine.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}
