#[derive(Clone, Copy, Roles)]
#[roles(Can)]
enum Role {
    #[role()]
    Guest,
    #[role(name = "sales", OrdersRead, Refund)]
    Clerk,
    #[role(all)]
    Owner,
}
