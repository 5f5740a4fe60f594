import { twice } from '@utils'
const self: number = twice(21)
Page({ data: { title: 'Shop', total: self, items: [] as string[] }, open() { wx.navigateTo({ url: '/packageA/pages/detail/detail' }) } })
