"""The pages people use: server-rendered, usable without JavaScript. One folder a page; what all share stands beside them."""
