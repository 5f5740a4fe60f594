const u = require('~/utils/index'); Page({ data: { text: u.twice(1), zones: require('../../zones.json') } })
