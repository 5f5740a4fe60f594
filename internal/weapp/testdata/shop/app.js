const money = require('money')
App({ globalData: { format: money.format } })
