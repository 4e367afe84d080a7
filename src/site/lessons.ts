/** The lessons in reading order, as the front page, the kicker and the progress line need them. */
import { getCollection } from 'astro:content'
import { modules } from './modules.ts'

interface Lesson {
  readonly id: string
  readonly href: string
  readonly title: string
  readonly description: string | undefined
  readonly module: string
  readonly lab: string | undefined
  readonly minutes: number | undefined
  readonly order: number
}
interface CourseModule {
  readonly id: string
  readonly label: string
  readonly lessons: readonly Lesson[]
}

/** Modules that have lessons; inside each the order of Starlight's sidebar: `sidebar.order`, then path. */
export async function courseModules(): Promise<readonly CourseModule[]> {
  const entries = await getCollection('docs')
  const lessons = entries.map(({ id, data }): Lesson => ({
    id,
    href: `/${id}/`,
    title: data.title,
    description: data.description,
    module: data.module ?? id.split('/')[0] ?? '',
    lab: data.lab,
    minutes: data.minutes,
    order: data.sidebar.order ?? Number.MAX_SAFE_INTEGER,
  }))
  return modules
    .map(({ id, label }) => ({
      id,
      label,
      lessons: lessons
        .filter((lesson) => lesson.module === id)
        .sort((a, b) => a.order - b.order || a.id.localeCompare(b.id)),
    }))
    .filter(({ lessons }) => lessons.length > 0)
}

/** Where a lesson stands: its module, and that it is the nth of so many there. */
export async function placeOf(id: string) {
  for (const module of await courseModules()) {
    const index = module.lessons.findIndex((lesson) => lesson.id === id)
    if (index >= 0) return { module, lesson: module.lessons[index], n: index + 1 }
  }
  return null
}
