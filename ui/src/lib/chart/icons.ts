export { default as BarChart3 } from "@lucide/svelte/icons/chart-column"
export { default as Table2 } from "@lucide/svelte/icons/table-2"
